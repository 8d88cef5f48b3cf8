import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Scalar,
} from 'yaml';

export type Path = readonly (string | number)[];
/** Both start at 1. */
export type Position = { line: number; column: number };
export type YamlFault = { position: Position; path: Path; message: string };

/** A YAML text as data, what is wrong with it as YAML, and where each value stands. */
export type YamlFile = {
  /** Undefined when the text is not YAML, so that nothing more can be said about it. */
  data: unknown;
  faults: YamlFault[];
  /** Where the key (or list item) stands; for one that is missing, where its nearest parent does. */
  positionOf: (path: Path) => Position;
};

/** Most of the parser's own messages for these faults quote the text, which may be a misplaced secret. */
const ownWords: Record<string, string> = {
  UNEXPECTED_TOKEN: 'unexpected text',
  MULTIPLE_DOCS: 'there may be only one document',
  BAD_DQ_ESCAPE: 'invalid \\ escape in a "…" text',
  TAG_RESOLVE_FAILED: 'tags (!…) are not used in this file',
  BAD_COLLECTION_TYPE: 'tags (!…) are not used in this file',
};

/** Never throws: what is wrong with the text is in `faults`. */
export function readYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  });
  const at = (place?: Node | number | null): Position => {
    const { line, col } = lines.linePos((typeof place === 'number' ? place : place?.range?.[0]) ?? 0);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const broken = [...syntaxFaults(document), ...structureFaults(document)];
  if (broken.length > 0) {
    const faults = broken.map(({ place, message }) => ({ position: at(place), path: [], message }));
    return { data: undefined, faults, positionOf: () => at() };
  }

  const faults: YamlFault[] = [];
  const positions = new Map<string, Position>();
  for (const { path, node, first } of places(document, document.contents, [])) {
    const position = at(node);
    positions.set(JSON.stringify(path), position);
    if (first) faults.push({ position, path, message: `is given twice, the first time in line ${at(first).line}` });
    if (path.at(-1) === '__proto__') faults.push({ position, path, message: 'is not a usable key' });
  }
  const positionOf = (path: Path): Position =>
    positions.get(JSON.stringify(path)) ?? (path.length === 0 ? at() : positionOf(path.slice(0, -1)));
  return { data: document.toJS({ maxAliasCount: -1 }), faults, positionOf };
}

type BrokenPlace = { place: Node | number; message: string };

function syntaxFaults(document: Document): BrokenPlace[] {
  return [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    place: pos[0],
    message: `is not YAML that can be read: ${ownWords[code] ?? message}`,
  }));
}

/** One anchor may stand for many aliases, but aliases of aliases could grow a small file without bound. */
function structureFaults(document: Document): BrokenPlace[] {
  const faults: BrokenPlace[] = [];
  visit(document, {
    Pair(_key, { key }) {
      if (!isScalar(key)) faults.push({ place: key as Node, message: 'a key must be a plain text' });
    },
    Alias(_key, alias) {
      const target = alias.resolve(document);
      const fault = !target
        ? 'has no anchor (&…) above it'
        : holdsAlias(target) && 'stands for something that holds an alias itself';
      if (fault) faults.push({ place: alias, message: `the alias (*…) ${fault}` });
    },
  });
  return faults;
}

function holdsAlias(node: Node): boolean {
  let found = false;
  visit(node, {
    Alias() {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

/** Every key and every list item, with its path; `first` is the same key's earlier place in the same map. */
type Place = { path: Path; node: Node | null; first?: Node | undefined };

function* places(document: Document, node: unknown, path: Path): Generator<Place> {
  const value = isAlias(node) ? node.resolve(document) : node;
  if (isSeq<Node>(value)) {
    for (const [index, item] of value.items.entries()) {
      yield { path: [...path, index], node: item };
      yield* places(document, item, [...path, index]);
    }
  }
  if (isMap<Scalar<string | number | boolean | null>, Node>(value)) {
    const seen = new Map<string, Node>();
    for (const { key, value: inner } of value.items) {
      const name = String(key.value ?? '');
      yield { path: [...path, name], node: key, first: seen.get(name) };
      seen.set(name, key);
      yield* places(document, inner, [...path, name]);
    }
  }
}
