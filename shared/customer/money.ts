/** Sum of a customer's orders in one currency, in minor units (cents). */
export interface MoneySum {
  orders: number;
  revenueMinor: number;
}

export interface Amount {
  /** ISO 4217. */
  currency: string;
  minor: number;
}

/** A billion euros: nobody's purchase. Beyond it a sum would soon leave the integers that are exact. */
const largestMinor = 1e11;
const currencies = new Set(Intl.supportedValuesOf('currency'));

/**
 * What an order was worth: `revenue` (without shipping and tax), else `total`, with its `currency`, as the Segment
 * spec names them. Undefined where either is missing or is no amount of money.
 */
export function amountOf(properties: Record<string, unknown>): Amount | undefined {
  const currency = currencyOf(properties.currency);
  if (currency === undefined) return undefined;
  const exponent = exponentOf(currency);
  const minor = minorOf(properties.revenue, exponent) ?? minorOf(properties.total, exponent);
  return minor === undefined ? undefined : { currency, minor };
}

export function addMoney(one: Record<string, MoneySum>, other: Record<string, MoneySum>): Record<string, MoneySum> {
  const sums = { ...one };
  for (const [currency, { orders, revenueMinor }] of Object.entries(other)) {
    const sum = sums[currency] ?? { orders: 0, revenueMinor: 0 };
    sums[currency] = { orders: sum.orders + orders, revenueMinor: safe(sum.revenueMinor + revenueMinor) };
  }
  return sums;
}

/** An amount for people, in English: `€84.50`. */
export function formatMoney(currency: string, minor: number): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(minor / 10 ** exponentOf(currency));
}

function currencyOf(value: unknown): string | undefined {
  const code = typeof value === 'string' ? value.trim().toUpperCase() : '';
  return currencies.has(code) ? code : undefined;
}

function exponentOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

function minorOf(value: unknown, exponent: number): number | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  if (!/^\d+(\.\d+)?$/.test(text)) return undefined;
  // Shifting the decimal text is exact where multiplying is not: 1.005 × 100 would round down.
  const minor = Math.round(Number(`${text}e${exponent}`));
  return minor <= largestMinor ? minor : undefined;
}

function safe(sum: number): number {
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, sum));
}
