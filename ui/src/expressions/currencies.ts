// How many decimal places amounts have in each currency, by ISO 4217; the same table as on the server.
const PLACES: Record<number, string> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};

const DIGITS = new Map(Object.entries(PLACES).flatMap(([places, codes]) => codes.split(" ").map((code) => [code, Number(places)])));

export const currencyDigits = (code: string): number => DIGITS.get(code) ?? 2;
