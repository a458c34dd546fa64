// `--set KEY=VALUE`: which keys a command knows, and what their values must look like.
import type { Json } from '../protocol/messages';
import { didYouMean, UsageError } from './usage-error';

/** The value of a text; undefined where it is of the wrong kind. */
type Reader = (text: string) => Json | undefined;

export type SettingTable = Readonly<Record<string, { readonly read: Reader; readonly wants: string }>>;

export const number =
  (least: number): Reader =>
  text =>
    text.trim() !== '' && Number(text) >= least && Number.isFinite(Number(text)) ? Number(text) : undefined;

export const integer =
  (least: number): Reader =>
  text =>
    text.trim() !== '' && Number.isSafeInteger(Number(text)) && Number(text) >= least ? Number(text) : undefined;

export const share = (): Reader => text => (Number(text) < 1 ? number(0)(text) : undefined);

export const yesOrNo = (): Reader => text => (text === 'true' ? true : text === 'false' ? false : undefined);

export const choice =
  (...choices: string[]): Reader =>
  text =>
    choices.includes(text) ? text : undefined;

/** @throws UsageError for a key that does not exist, or a value of the wrong kind */
export function settingsFrom(table: SettingTable, settings: readonly string[]): Record<string, Json> {
  const changes: Record<string, Json> = {};
  for (const setting of settings) {
    const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(setting) ?? [];
    const known = Object.hasOwn(table, key) ? table[key] : undefined;
    if (!known) {
      const names = Object.keys(table);
      throw new UsageError(
        `--set knows no ${key || setting}.${didYouMean(key, names) || ` Known are ${names.join(', ')}.`}`,
      );
    }
    const read = known.read(value);
    if (read === undefined) throw new UsageError(`--set ${key} takes ${known.wants}, not "${value}".`);
    changes[key] = read;
  }
  return changes;
}
