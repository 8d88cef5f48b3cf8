/** To be imported before all else: prints at exit which parts of OpenTelemetry's SDK the process has loaded. */
import { registerHooks } from 'node:module';

const loaded = new Set<string>();
registerHooks({
  load(url, context, next) {
    const [, name] = /node_modules\/(@opentelemetry\/(?!api\/)[^/]+|import-in-the-middle)\//.exec(url) ?? [];
    if (name) loaded.add(name);
    return next(url, context);
  },
});
process.on('exit', () => console.log(JSON.stringify([...loaded])));
