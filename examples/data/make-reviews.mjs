#!/usr/bin/env node
/**
 * Makes short film reviews that praise or complain, without downloading anything.
 *
 * node examples/data/make-reviews.mjs [--output FILE] [--rows 2000] [--seed 1]
 *
 * writes reviews.csv with the columns text and label (praise, complaint). Words alone do not decide: "not dull" praises
 * and "far from great" complains, and most reviews say something of the other kind on the way before they come to their
 * verdict. The same seed gives the same file.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const things = ['film', 'plot', 'story', 'cast', 'ending', 'music', 'dialogue', 'first half', 'camera work', 'humour'];
const good = ['great', 'moving', 'clever', 'charming', 'gripping', 'funny', 'lovely', 'fresh', 'warm', 'brilliant'];
const bad = ['dull', 'clumsy', 'tired', 'shallow', 'loud', 'boring', 'hollow', 'predictable', 'cold', 'awful'];
const degrees = ['', '', 'very ', 'quite ', 'really ', 'rather ', 'simply '];
const openings = ['', '', 'honestly , ', 'to be fair , ', 'in short , ', 'well , ', 'after two hours , '];
const turns = ['but', 'yet', 'and still'];
const agreements = ['and', 'and of course', ', while'];
const verdicts = {
  praise: ['i would see it again', 'go and see it', 'i loved it', 'worth every minute', 'i was smiling for days'],
  complaint: ['i want my money back', 'stay at home', 'i walked out', 'a waste of an evening', 'never again'],
};

/** Numbers from 0 to below 1: mulberry32 of Tommy Ettinger. */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a thing is said to be: plainly, or by denying the opposite. */
function claim(label, pick, random) {
  const [own, other] = label === 'praise' ? [good, bad] : [bad, good];
  const subject = `the ${pick(things)} is `;
  if (random() < 0.65) return subject + pick(degrees) + pick(own);
  return `${subject}${pick(['not ', 'never ', 'far from ', 'anything but '])}${pick(other)}`;
}

export function makeReviews(rows, seed) {
  const random = randomNumbers(seed);
  const pick = list => list[Math.floor(random() * list.length)];
  return Array.from({ length: rows }, (_, i) => {
    const label = i % 2 === 0 ? 'praise' : 'complaint';
    const other = label === 'praise' ? 'complaint' : 'praise';
    const parts = [];
    // A concession comes first; what follows the turn is what is meant.
    if (random() < 0.6) parts.push(claim(other, pick, random), pick(turns));
    else if (random() < 0.5) parts.push(claim(label, pick, random), pick(agreements));
    parts.push(claim(label, pick, random));
    if (random() < 0.3) parts.push('.', pick(verdicts[label]));
    return { text: `${pick(openings)}${parts.join(' ')} .`, label };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { output: { type: 'string' }, rows: { type: 'string' }, seed: { type: 'string' } },
  });
  const file = values.output ?? join(dirname(fileURLToPath(import.meta.url)), 'reviews.csv');
  const reviews = makeReviews(Number(values.rows ?? 2000), Number(values.seed ?? 1));
  writeFileSync(file, ['text,label', ...reviews.map(({ text, label }) => `"${text}",${label}`), ''].join('\n'));
  console.log(`${reviews.length} reviews in ${file}`);
}
