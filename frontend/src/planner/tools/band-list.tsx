/** Figures by age, each age on a line of its own. */
import { capital } from "../../shared/lang";
import { bandLabel } from "../bands";

export function BandList({ rows }: { rows: readonly { band: string; said: string }[] }) {
  if (rows.length === 0) return null;
  return (
    <dl class="band-list">
      {rows.map(({ band, said }) => (
        <div key={band}>
          <dt>{capital(bandLabel(band))}</dt>
          <dd>{said}</dd>
        </div>
      ))}
    </dl>
  );
}
