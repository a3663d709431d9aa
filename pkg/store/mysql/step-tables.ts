/** The tables of migration `0002-steps`. */
export interface StepTables {}
