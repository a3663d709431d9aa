export type Direction = 'long' | 'short';
export const DIRECTIONS = ['long', 'short'] as const;
export type OrderSide = 'BUY' | 'SELL';

/** Returns the side of an order that adds to a position of this direction. */
export function entrySide(direction: Direction): OrderSide {
  return direction === 'long' ? 'BUY' : 'SELL';
}

/** Returns the side of an order that reduces a position of this direction. */
export function exitSide(direction: Direction): OrderSide {
  return direction === 'long' ? 'SELL' : 'BUY';
}
