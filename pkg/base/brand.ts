declare const brand: unique symbol;

/** A value of type `T` that only its own constructor function makes. */
export type Branded<T, Name extends string> = T & { readonly [brand]: Name };
