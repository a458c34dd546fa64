// A small language with topics and moods, to see whether pre-training helps: what a word means shows in its neighbours,
// and the labelled examples use only half of the words.
import { randomBits, uniform } from '../../src/data/random';

const TOPICS: Readonly<Record<string, string>> = {
  sea: 'boat wave shore sail anchor harbour tide fish net captain storm island',
  kitchen: 'pan oven spoon flour soup bread knife plate salt butter cook stove',
  music: 'violin drum song choir concert piano flute melody singer stage rhythm organ',
  garden: 'rose spade seed hedge lawn tulip gardener pond bee apple fence soil',
  school: 'teacher pencil lesson exam pupil desk chalk book class essay ruler library',
  winter: 'snow sledge frost scarf glove icicle skate blizzard mitten stove slope mountain',
};

const GOOD =
  'good lovely great fine splendid pleasant superb delightful charming bright gentle brilliant excellent warm ' +
  'wonderful cheerful graceful elegant perfect joyful tender noble radiant sweet';
const BAD =
  'bad awful poor dull horrid nasty dreadful boring ugly gloomy harsh stupid terrible cold miserable grim clumsy ' +
  'shabby broken bitter cruel mean bleak sour';

const words = (text: string): string[] => text.split(' ');
const MOODS = [words(BAD), words(GOOD)] as const;
const OUTCOMES = [
  ['so we left', 'and we frowned', 'so nobody came back', 'and we complained'],
  ['so we stayed', 'and we smiled', 'so everybody came back', 'and we cheered'],
] as const;

type Draw = (list: readonly string[]) => string;

const drawer = (seed: number): Draw => {
  const next = uniform(randomBits(seed));
  return list => list[Math.floor(next() * list.length)]!;
};

/** The first half of a list: words that labelled examples may use. */
const half = (list: readonly string[]): string[] => list.slice(0, list.length / 2);

/** Documents of one topic and one mood each, divided by empty lines. */
export function corpus(documents: number, seed: number): string {
  const draw = drawer(seed);
  const out: string[] = [];
  for (let i = 0; i < documents; i++) {
    const nouns = words(draw(Object.values(TOPICS)));
    const mood = draw(['0', '1']) === '1' ? 1 : 0;
    const [noun, adjective] = [() => draw(nouns), () => draw(MOODS[mood])];
    out.push(
      `The ${noun()} was ${adjective()} and the ${noun()} was ${adjective()}, ${draw(OUTCOMES[mood])}.`,
      `We saw the ${noun()} near the ${noun()} and the ${adjective()} ${noun()}.`,
      `It was a ${adjective()} ${noun()}, a ${adjective()} ${noun()}, ${draw(OUTCOMES[mood])}.`,
      '',
    );
  }
  return out.join('\n');
}

const table = (header: string, rows: readonly string[]): string => `${header}\n${rows.join('\n')}\n`;

/** @param seen only words of the labelled half; the test has all of them */
export function sentiment(rows: number, seen: boolean, seed: number): string {
  const draw = drawer(seed);
  const nouns = Object.values(TOPICS).flatMap(words);
  const lines = Array.from({ length: rows }, (_, i) => {
    const mood = i % 2 === 0 ? 0 : 1;
    const adjective = draw(seen ? half(MOODS[mood]) : MOODS[mood]);
    const text = draw([
      `The ${draw(nouns)} near the ${draw(nouns)} was ${adjective}.`,
      `We saw the ${adjective} ${draw(nouns)}.`,
      `It was a ${adjective} ${draw(nouns)} and we saw the ${draw(nouns)}.`,
    ]);
    return `"${text}",${mood === 1 ? 'positive' : 'negative'}`;
  });
  return table('text,label', lines);
}

/** Do two sentences speak of the same topic? */
export function pairs(rows: number, seen: boolean, seed: number): string {
  const draw = drawer(seed);
  const names = Object.keys(TOPICS);
  const nounsOf = (topic: string): string[] => (seen ? half(words(TOPICS[topic]!)) : words(TOPICS[topic]!));
  const lines = Array.from({ length: rows }, (_, i) => {
    const first = draw(names);
    const second = i % 2 === 0 ? first : draw(names.filter(name => name !== first));
    const [a, b] = [nounsOf(first), nounsOf(second)];
    const text = `The ${draw(a)} was near the ${draw(a)} and the ${draw(a)}.`;
    return `"${text}","We saw the ${draw(b)} and the ${draw(b)}.",${i % 2 === 0 ? 'same' : 'other'}`;
  });
  return table('sentence1,sentence2,label', lines);
}
