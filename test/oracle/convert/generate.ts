/** Writes the generated models and what they are converted to as JSON on standard output, for record.py. */
import { generatedModels } from './models';
import { roundTrip } from './converted';

async function main(): Promise<void> {
  const models = [];
  for (const source of generatedModels()) {
    const { tfjs, back } = await roundTrip(source);
    models.push({ source, tfjs: tfjs.code, back: back.code, notes: tfjs.notes });
  }
  process.stdout.write(`${JSON.stringify(models)}\n`);
}

void main();
