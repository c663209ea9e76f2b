from geo_service.foundation.resources import data_folder, reference


def test_the_checkout_reads_its_own_data(repository):
    assert data_folder() == repository / "data"


def test_reference_documents_carry_a_version():
    for name in ("categories", "circles", "profiles", "standard_categories"):
        document = reference(name)
        assert isinstance(document, dict)
        assert document["version"]
