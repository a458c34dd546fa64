// The version of Modelwright, taken from the package's manifest when it is bundled.
import manifest from '../../package.json';

export const VERSION: string = manifest.version;
