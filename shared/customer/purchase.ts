import type { Interaction } from '../contracts/interaction.ts';
import { cutText } from '../conversation/cutText.ts';
import { amountOf } from './money.ts';

/** An order as a head keeps it. */
export interface HeadPurchase {
  /** Short order of its interaction: when, and which. */
  order: string;
  orderId?: string;
  currency?: string;
  revenueMinor?: number;
  items: string[];
}

const listedItems = 5;
const itemLength = 40;
const orderIdLength = 40;

/** The purchase that an interaction tells of, if it does. */
export function purchaseIn({ type, properties }: Interaction, order: string): HeadPurchase | undefined {
  if (type !== 'order.completed') return undefined;
  const amount = amountOf(properties);
  const orderId = label(properties.order_id ?? properties.orderId, orderIdLength);
  return {
    order,
    ...(orderId === undefined ? {} : { orderId }),
    ...(amount === undefined ? {} : { currency: amount.currency, revenueMinor: amount.minor }),
    items: itemsIn(properties.products),
  };
}

function itemsIn(products: unknown): string[] {
  if (!Array.isArray(products)) return [];
  return products.slice(0, listedItems).flatMap((product: unknown) => {
    if (typeof product !== 'object' || product === null) return [];
    const { name, sku, product_id } = product as Record<string, unknown>;
    return label(name, itemLength) ?? label(sku, itemLength) ?? label(product_id, itemLength) ?? [];
  });
}

function label(value: unknown, length: number): string | undefined {
  const text = typeof value === 'string' || typeof value === 'number' ? cutText(String(value), length) : '';
  return text === '' ? undefined : text;
}
