/** Numbers and times as the panel writes them: short, steady in width, never `NaN`. */

const DASH = '–';

/** Four significant digits; very small and very large numbers in powers of ten. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(2).replace('e+', 'e');
  return size >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(4)));
}

/** Accuracies and other shares read as percentages. */
export function metric(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  const share = /(^|_)(acc|accuracy|precision|recall|auc|f1)$/.test(name) && value >= 0 && value <= 1;
  return share ? `${(value * 100).toFixed(2)} %` : number(value);
}

/** `12 s`, `3 min 05 s`, `2 h 07 min`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return DASH;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const pad = (n: number): string => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`;
}

export function count(value: number): string {
  return value.toLocaleString('en');
}
