/** The order people put names in, as on the server (`foundation/natural_order.py`): 3栋, 10栋; 第三网格, 第十网格. */
const DIGITS = "一二三四五六七八九";
const NUMERAL = "[一二三四五六七八九]?十?[一二三四五六七八九]?";
const NUMBERS = new RegExp(`(第)(${NUMERAL})|(${NUMERAL})(?=[号栋幢座])`, "g");

function arabic(numeral: string): string {
  const [head = "", tail] = numeral.split("十");
  const digit = (one: string) => DIGITS.indexOf(one) + 1;
  if (tail === undefined) return head.length === 1 ? String(digit(head)) : numeral;
  return String((head ? digit(head) : 1) * 10 + (tail ? digit(tail) : 0));
}

const plain = (text: string): string =>
  text
    .normalize("NFKC")
    .replace(NUMBERS, (whole, ordinal?: string, after?: string) =>
      ordinal ? ordinal + (after ? arabic(after) : "") : whole && arabic(whole),
    );

const collator = new Intl.Collator("zh-CN", { numeric: true });

export const naturally = (a: string, b: string): number => collator.compare(plain(a), plain(b));
