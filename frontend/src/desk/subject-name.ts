/** What a photo is of, in the words of the link that opens it. */
import type { Subject } from "../data/photos";
import { title } from "../shared/lang";
import { t } from "./texts";

export const subjectName = ({ kind, name, code }: Subject): string =>
  t("desk.photos.open", { kind: title(kind), name: name ?? code });
