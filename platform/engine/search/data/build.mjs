// Writes the Han characters in CLDR's stroke order (Node's ICU has it in full) to standard output.
// Only those that CLDR lists; the rest follow by radical and are sorted by code point at run time.
const han = [];
for (let code = 0x3400; code <= 0x323af; code++) {
  const char = String.fromCodePoint(code);
  if (/\p{Unified_Ideograph}/u.test(char)) han.push(char);
}
han.sort(new Intl.Collator("zh-u-co-stroke").compare);
process.stdout.write(han.slice(0, han.indexOf("\u{20000}")).join("") + "\n");
