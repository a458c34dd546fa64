/** Style sheets are bundled by esbuild into one file beside each page's script. */
declare module '*.css';
