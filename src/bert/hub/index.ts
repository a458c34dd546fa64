/** The face of checkpoint sources: a name in, a folder out. */
export { cachedSnapshot, parseHubId, type HubId } from './cache';
export { locateCheckpoint, type DownloadProgress, type Located, type LocateOptions } from './locate';
export { hubSettings, type HubSettings } from './settings';
