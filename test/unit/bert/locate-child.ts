// Fetches a model of the fake hub in a process of its own: `locate-child.ts <endpoint> <cache>`; prints its folder.
import { locateCheckpoint } from '../../../src/bert/hub';
import { hubSettings } from '../../../src/bert/hub/settings';

const [endpoint = '', cache = ''] = process.argv.slice(2);
const settings = hubSettings({ HF_ENDPOINT: endpoint, HF_HUB_CACHE: cache }, cache);

void locateCheckpoint('team/tiny', { settings, pauseMs: 5, attempts: 3 }).then(({ folder }) => console.log(folder));
