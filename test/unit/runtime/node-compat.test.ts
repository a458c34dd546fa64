// The two functions that Node 23 took away are there again, and those a Node still has are left alone.
import assert from 'node:assert/strict';
import path from 'node:path';
import { runProgram } from '../../../src/runtime/environment';

const FILE = path.resolve('src/train/node-compat.ts');

describe('the functions removed from node:util', () => {
  it('are given back before anything else is loaded', async () => {
    const script = `
      const util = require('util');
      delete util.isNullOrUndefined;
      const own = util.isArray = () => 'own';
      require(${JSON.stringify(FILE)});
      console.log(util.isNullOrUndefined(undefined), util.isNullOrUndefined(0), util.isArray === own);
    `;
    const { stdout, stderr } = await runProgram(process.env)(process.execPath, ['--import=tsx', '-e', script], {
      cwd: process.cwd(),
    });
    assert.equal(stdout.trim(), 'true false true', stderr);
  });
});
