// The stand-alone coverage map: one category at a time, drawn from the figures written into the page.
// GeoJSON is longitude first; L.GeoJSON turns it round.
function coverageMap(map, data) {
  "use strict";
  var t = data.texts;
  var SVG = "http://www.w3.org/2000/svg";
  map.attributionControl.setPrefix("Leaflet").addAttribution(data.attribution.map(escaped).join(" · "));
  map.fitBounds([[data.bounds[1], data.bounds[0]], [data.bounds[3], data.bounds[2]]], { paddingTopLeft: wide() ? [345, 10] : [10, 10] });

  L.control.scale({ imperial: false }).addTo(map);
  ["areas", "base", "streets", "circle"].forEach(function (name, place) {
    map.createPane("report-" + name).style.zIndex = 390 + place * 5; // woods and water lie over the colours of areas
  });
  var renderers = {};
  ["base", "areas", "streets", "circle"].forEach(function (name) {
    renderers[name] = L.svg({ pane: "report-" + name, padding: 0.5 }).addTo(map);
  });
  addPatterns(renderers.areas._container);

  drawBase();
  var areas = L.geoJSON(data.areas, {
    renderer: renderers.areas,
    onEachFeature: function (feature, layer) {
      layer.bindTooltip("", { permanent: data.areas.features.length <= 40, direction: "center", className: "area-label" });
      layer.bindPopup(function () { return popup(feature.properties.row); }, { minWidth: 220 });
    }
  }).addTo(map);
  var circle = L.layerGroup().addTo(map);
  var marks = L.layerGroup().addTo(map);

  var panel = element("section", { "class": "report-panel", "aria-label": t.title });
  document.body.appendChild(panel);
  L.DomEvent.disableClickPropagation(panel);
  L.DomEvent.disableScrollPropagation(panel);
  panel.appendChild(element("h1", {}, t.title));
  if (t.banner) panel.appendChild(element("p", { "class": "banner" }, t.banner));
  var chooser = element("label", {}, t.category);
  var select = element("select", {});
  data.categories.forEach(function (category, place) {
    select.appendChild(element("option", { value: String(place) }, category.label + " (" + category.facilities.length + ")"));
  });
  chooser.appendChild(select);
  panel.appendChild(chooser);
  box(t.show_circle, circle);
  box(t.show_facilities, marks);
  var totals = element("p", { "class": "totals", "aria-live": "polite" });
  panel.appendChild(totals);
  panel.appendChild(element("h2", {}, t.legend));
  var legend = element("ul", {});
  panel.appendChild(legend);
  var facts = element("dl", {});
  data.facts.forEach(function (fact) {
    facts.appendChild(element("dt", {}, fact[0]));
    facts.appendChild(element("dd", {}, fact[1]));
  });
  panel.appendChild(facts);
  if (data.notes.length) {
    var notes = element("ul", { "class": "notes" });
    data.notes.forEach(function (note) { notes.appendChild(element("li", {}, note)); });
    panel.appendChild(notes);
  }
  var details = element("details", {});
  details.appendChild(element("summary", {}, t.table));
  var table = element("table", {});
  details.appendChild(table);
  panel.appendChild(details);
  panel.appendChild(element("footer", {}, data.attribution.join(" · ")));

  select.value = String(data.start);
  select.addEventListener("change", show);
  show();

  function show() {
    var category = data.categories[Number(select.value)];
    areas.eachLayer(function (layer) {
      var row = category.rows[layer.feature.properties.row];
      var found = classOf(row);
      layer.setStyle({ color: "#333", weight: 1.2, fillColor: "url(#report-class-" + found + ")", fillOpacity: 0.85 });
      layer.setTooltipContent(escaped(row.withheld ? "…" : percent(row.covered)));
    });
    circle.clearLayers();
    if (category.circle) {
      L.geoJSON({ type: "Feature", properties: {}, geometry: category.circle }, {
        renderer: renderers.circle, interactive: false,
        style: { color: "#7a3600", weight: 2, dashArray: "8 4", fill: false }
      }).addTo(circle);
    }
    marks.clearLayers();
    category.facilities.forEach(function (place) {
      L.marker([place[1], place[0]], {
        icon: L.divIcon({ className: "facility-mark", html: mark(category.symbol, place[3], 22), iconSize: [22, 22], iconAnchor: [11, 11] }),
        title: place[2] || category.label, alt: place[2] || category.label
      }).bindPopup(escaped(place[2] || category.label) + (place[3] ? "" : "<br>" + escaped(t.unverified)), { minWidth: 160 }).addTo(marks);
    });
    var total = category.total;
    totals.textContent = total.withheld ? t.withheld : t.covered + " " + percent(total.covered) + " · " + t.not_covered + " " + percent(total.not_covered) + " · " + t.unknown + " " + percent(total.unknown);
    drawLegend(category);
    drawTable(category);
  }

  function drawLegend(category) {
    legend.textContent = "";
    data.classes.forEach(function (one, place) {
      item('<svg width="26" height="16" aria-hidden="true"><rect x="1" y="1" width="24" height="14" stroke="#333" fill="url(#report-class-' + place + ')"/></svg>', one.label);
    });
    item('<svg width="26" height="16" aria-hidden="true"><rect x="1" y="1" width="24" height="14" stroke="#333" fill="url(#report-class-none)"/></svg>', t.no_data);
    item('<svg width="26" height="16" aria-hidden="true"><path d="M1 8H25" stroke="#7a3600" stroke-width="2" stroke-dasharray="8 4"/></svg>', t.circle);
    item(mark(category.symbol, true, 20), category.label + " · " + t.verified);
    item(mark(category.symbol, false, 20), category.label + " · " + t.unverified);
    function item(picture, label) {
      var line = element("li", {});
      line.innerHTML = picture;
      line.appendChild(element("span", {}, label));
      legend.appendChild(line);
    }
  }

  function drawTable(category) {
    table.textContent = "";
    var head = element("tr", {});
    [t.area, t.covered, t.not_covered, t.unknown, t.mean].forEach(function (title) { head.appendChild(element("th", { scope: "col" }, title)); });
    table.appendChild(head);
    data.areas.features.forEach(function (feature) {
      var row = category.rows[feature.properties.row];
      var line = element("tr", {});
      line.appendChild(element("td", {}, feature.properties.name));
      (row.withheld ? ["…", "…", "…", "…"] : [percent(row.covered), percent(row.not_covered), percent(row.unknown), row.mean_m === null ? "—" : String(row.mean_m)])
        .forEach(function (cell) { line.appendChild(element("td", {}, cell)); });
      table.appendChild(line);
    });
  }

  function popup(place) {
    var category = data.categories[Number(select.value)];
    var row = category.rows[place];
    var name = data.areas.features.filter(function (one) { return one.properties.row === place; })[0].properties.name;
    if (row.withheld) return "<b>" + escaped(name) + "</b><br>" + escaped(t.withheld);
    return "<b>" + escaped(name) + "</b><br>" + escaped(category.label) + "<br>" + escaped(t.covered) + " " + percent(row.covered) +
      "<br>" + escaped(t.not_covered) + " " + percent(row.not_covered) + "<br>" + escaped(t.unknown) + " " + percent(row.unknown) +
      "<br>" + escaped(t.mean) + " " + (row.mean_m === null ? "—" : row.mean_m) +
      "<br>" + escaped(row.complete === true ? t.complete : row.complete === false ? t.incomplete : t.undeclared);
  }

  function classOf(row) {
    if (row.withheld || row.covered === null) return "none";
    for (var place = 0; place < data.classes.length; place += 1) if (row.covered < data.classes[place].to) return place;
    return data.classes.length - 1;
  }

  // colour and pattern together: the classes differ without any colour
  function addPatterns(svg) {
    var defs = document.createElementNS(SVG, "defs");
    var drawn = ["M2 2h1v1h-1z", "M1 1h2v2h-2zM5 5h2v2h-2z", "M0 4H8", "M0 2H8M0 6H8", "M0 8L8 0", ""];
    data.classes.forEach(function (one, place) {
      defs.appendChild(pattern("report-class-" + place, one.fill, drawn[place] || "", place > 3 ? "#dceaf7" : "#3a5f85"));
    });
    defs.appendChild(pattern("report-class-none", "#ffffff", "M0 0L8 8M8 0L0 8", "#8a8a8a"));
    svg.insertBefore(defs, svg.firstChild);
    function pattern(id, fill, path, stroke) {
      var one = document.createElementNS(SVG, "pattern");
      one.setAttribute("id", id);
      one.setAttribute("width", "8");
      one.setAttribute("height", "8");
      one.setAttribute("patternUnits", "userSpaceOnUse");
      one.innerHTML = '<rect width="8" height="8" fill="' + fill + '"/><path d="' + path + '" stroke="' + stroke + '" stroke-width="0.8" fill="none"/>';
      return one;
    }
  }

  function drawBase() {
    [["water", { stroke: true, color: "#5b93b8", weight: 1, fillColor: "#a9cfe8", fillOpacity: 1 }],
      ["green", { stroke: false, fillColor: "#b7dcb0", fillOpacity: 0.8 }],
      ["rail", { color: "#000", weight: 2, dashArray: "6 6", fill: false }],
      ["streets", { color: "#6f675c", weight: 0.7, opacity: 0.6, fill: false }],
      ["main_streets", { color: "#6f675c", weight: 2, opacity: 0.7, fill: false }]].forEach(function (part) {
      var geometry = data.base[part[0]];
      if (geometry) L.geoJSON({ type: "Feature", properties: {}, geometry: geometry }, { renderer: part[0].indexOf("streets") < 0 ? renderers.base : renderers.streets, interactive: false, style: part[1] }).addTo(map);
    });
  }

  function mark(symbol, verified, size) {
    var path = {
      circle: "M11 2a9 9 0 1 1-.01 0z", square: "M3 3h16v16h-16z", triangle: "M11 2L20 19H2z", diamond: "M11 1L21 11L11 21L1 11z",
      pentagon: "M11 2L20 9L17 20H5L2 9z", star: "M11 1L14 8L21 8.5L15.5 13.5L17.5 21L11 16.5L4.5 21L6.500 13.500L1 8.500L8 8z", cross: "M7 2h8v5h5v8h-5v5h-8v-5h-5v-8h5z"
    }[symbol.shape];
    return '<svg width="' + size + '" height="' + size + '" viewBox="0 0 22 22" aria-hidden="true"><path d="' + path + '" fill="' + (verified ? symbol.fill : "#fff") +
      '" stroke="#222" stroke-width="1.4"' + (verified ? "" : ' stroke-dasharray="3 2"') + '/><text x="11" y="14.5" font-size="9" text-anchor="middle" fill="' +
      (verified ? symbol.ink : "#222") + '">' + escaped(symbol.glyph) + "</text></svg>";
  }

  function box(label, layer) {
    var line = element("label", {});
    var input = element("input", { type: "checkbox" });
    input.checked = true;
    input.addEventListener("change", function () { if (input.checked) layer.addTo(map); else layer.remove(); });
    line.appendChild(input);
    line.appendChild(document.createTextNode(" " + label));
    panel.appendChild(line);
  }

  function element(name, attributes, content) {
    var made = document.createElement(name);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (content !== undefined) made.textContent = content;
    return made;
  }
  function percent(share) { return share === null ? "—" : (share * 100).toFixed(1) + " %"; }
  function escaped(written) { return String(written).replace(/[&<>"']/g, function (one) { return "&#" + one.charCodeAt(0) + ";"; }); }
  function wide() { return window.innerWidth > 640; }
}
