import { describe, expect, test } from 'vitest';
import { faultsOf, type FaultOptions } from './bridge-file/temporary-file.ts';

/** A connection whose further lines start at line 4, column 5. */
const connection = (...lines: string[]) =>
  ['connections:', '  acme:', '    workspace: 1', ...lines.map((line) => `    ${line}`)].join('\n');

/** Further sections start at line 2. */
const sections = (...lines: string[]) => ['connections: { acme: { workspace: 1 } }', ...lines].join('\n');

const aSecret = 'must be { file: path } or { env: NAME }: a secret is never written into this file';

describe('a file that is not YAML', () => {
  test.each([
    [
      'an open list',
      'connections: [a, b\nfoo: 1',
      '2:1: is not YAML that can be read: Flow sequence in block collection',
    ],
    ['a tab', 'connections:\n\tacme: 1', '2:1: is not YAML that can be read: Tabs are not allowed as indentation'],
    ['bad indentation', 'connections:\n    a: 1\n  b: 2', '3:1: is not YAML that can be read: '],
    ['an open quote', 'connections: "', '1:15: is not YAML that can be read: Missing closing "quote'],
    ['two documents', 'a: 1\n---\nb: 2', '2:1: is not YAML that can be read: there may be only one document'],
    ['a tag', 'connections: !secret {}', '1:14: is not YAML that can be read: tags (!…) are not used in this file'],
    ['an alias without anchor', 'connections: *nothing', '1:14: the alias (*…) has no anchor (&…) above it'],
    ['an alias of itself', 'connections: &a { x: *a }', '1:22: the alias (*…) stands for something that holds'],
    [
      'aliases of aliases',
      'a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]',
      '3:5: the alias (*…) stands for something that holds',
    ],
  ])('tells of %s where it stands', (_name, text, fault) => {
    expect(faultsOf(text)[0]).toContain(`bridge.yaml:${fault}`);
  });

  test.each([
    ['nothing', '', 'is empty: must be a map with the keys nicochat, connections,'],
    ['a comment', '# nothing yet\n', 'is empty: must be a map with the keys nicochat, connections,'],
    ['a list', '- a', 'must be a map with the keys nicochat, connections,'],
    ['a text', 'text', 'must be a map with the keys nicochat, connections,'],
  ])('tells of %s', (_name, text, fault) => {
    expect(faultsOf(text)).toEqual([expect.stringContaining(`bridge.yaml:1:1: ${fault}`)]);
  });
});

describe('keys', () => {
  test.each([
    [
      'of the file',
      sections('conections: {}'),
      '2:1 conections: is not a known key (known here: nicochat, connections,',
    ],
    ['of a connection', connection('worksapce: 1'), '4:5 connections.acme.worksapce: is not a known key'],
    ['of limits', connection('limits:', '  bursts: 1'), '5:7 connections.acme.limits.bursts: is not a known key'],
    [
      'of a signature',
      connection('signature: { header: x }'),
      '4:18 connections.acme.signature.header: is not a known',
    ],
    [
      'of nicochat',
      sections('nicochat: { baseUrl: "https://x.example", chaveApi: { env: A }, key: 1 }'),
      '2:65 nicochat.key: is not',
    ],
    [
      'of actions',
      sections('nicochat: { baseUrl: "https://x.example", chaveApi: { env: A }, actions: { put: x } }'),
      '2:76 nicochat.actions.put: is not',
    ],
    ['of a channel', sections('channels: { a: { topics: x } }'), '2:18 channels.a.topics: is not a known key'],
    ['of a route', sections('routes: [{ name: a, channel: b, then: c }]'), '2:33 routes[0].then: is not a known key'],
    [
      'of when',
      sections('routes: [{ name: a, channel: b, when: { text: c } }]'),
      '2:41 routes[0].when.text: is not a known key',
    ],
    ['of egress', sections('egress: { deny: [] }'), '2:11 egress.deny: is not a known key'],
    ['that merge', connection('<<: { email: x }'), '4:5 connections.acme["<<"]: is not a known key'],
  ])('%s that are unknown are refused', (_name, text, fault) => {
    expect(faultsOf(text)).toEqual([expect.stringContaining(`bridge.yaml:${fault}`)]);
  });

  test.each([
    [
      'in a map',
      connection('email: a@b.example', 'email: c@d.example'),
      '5:5 connections.acme.email: is given twice, the first time in line 4',
    ],
    [
      'two connections with one id',
      sections('').replace('{ acme:', '{ acme: { workspace: 2 }, "acme":'),
      '1:40 connections.acme: is given twice, the first time in line 1',
    ],
    [
      'two channels with one id',
      sections('channels:', '  a: {}', '  a: {}'),
      '4:3 channels.a: is given twice, the first time in line 3',
    ],
    [
      'a number and a text',
      sections('channels: { 1: {}, "1": {} }'),
      '2:20 channels.1: is given twice, the first time in line 2',
    ],
  ])('may not be given twice: %s', (_name, text, fault) => {
    expect(faultsOf(text)).toEqual([`bridge.yaml:${fault}`]);
  });

  test('that are not plain are refused without their text', () => {
    expect(faultsOf(sections('? { k3y-so-nossa: 1 }', ': 1'))).toEqual(['bridge.yaml:2:3: a key must be a plain text']);
    expect(faultsOf(sections('a: &a k3y-so-nossa', '*a : 1'))).toEqual(['bridge.yaml:3:1: a key must be a plain text']);
    expect(faultsOf(sections('channels: { __proto__: {} }'))).toEqual([
      'bridge.yaml:2:13 channels.__proto__: is not a usable key',
    ]);
  });
});

describe('values', () => {
  test.each<[string, string]>([
    ['workspace: 1.5', "3:5 connections.acme.workspace: must be the workspace's number"],
    ['workspace: ""', "3:5 connections.acme.workspace: must be the workspace's number"],
    ['email: dono', '4:5 connections.acme.email: must be an e-mail address'],
    ['signature: hex', '4:5 connections.acme.signature: must be a map with the keys headers, algorithm'],
    ['signature: { headers: x-signature }', '4:18 connections.acme.signature.headers: must be a list of header names'],
    ['signature: { headers: [] }', '4:18 connections.acme.signature.headers: must name a header'],
    ['signature: { headers: [a, "b c"] }', '4:31 connections.acme.signature.headers[1]: must be the name of a header'],
    ['signature: { algorithm: md5 }', '4:18 connections.acme.signature.algorithm: must be one of sha256, sha1, sha512'],
    ['signature: { encoding: HEX }', '4:18 connections.acme.signature.encoding: must be one of hex, base64, either'],
    ['signature: { prefix: 1 }', '4:18 connections.acme.signature.prefix: must be a text'],
    [
      'signature: { signedContent: all }',
      '4:18 connections.acme.signature.signedContent: must be one of body, timestamp.body',
    ],
    [
      'signature: { timestampHeader: "" }',
      '4:18 connections.acme.signature.timestampHeader: must be the name of a header',
    ],
    [
      'signature: { toleranceSeconds: 0 }',
      '4:18 connections.acme.signature.toleranceSeconds: must be a positive integer',
    ],
    ['signature: { capture: 21 }', '4:18 connections.acme.signature.capture: must be a whole number from 0 to 20'],
    ['signature: { capture: yes }', '4:18 connections.acme.signature.capture: must be a whole number from 0 to 20'],
    ['signature: { mode: strict }', '4:18 connections.acme.signature.mode: must be one of enforce, monitor, off'],
    ['limits: 5', '4:5 connections.acme.limits: must be a map with the keys requestsPerSecond, burst, concurrency'],
    ['limits:', '4:5 connections.acme.limits: is empty: must be a map with the keys requestsPerSecond'],
    ['limits: { requestsPerSecond: 0 }', '4:15 connections.acme.limits.requestsPerSecond: must be a positive number'],
    [
      'limits: { requestsPerSecond: .inf }',
      '4:15 connections.acme.limits.requestsPerSecond: must be a positive number',
    ],
    ['limits: { burst: 1.5 }', '4:15 connections.acme.limits.burst: must be a positive integer'],
    ['limits: { burst: -1 }', '4:15 connections.acme.limits.burst: must be a positive integer'],
    ['limits: { concurrency: "4" }', '4:15 connections.acme.limits.concurrency: must be a positive integer'],
    ['onUnknownOutcome: retry', '4:5 connections.acme.onUnknownOutcome: must be one of resend, hold'],
    ['conversationId: int', '4:5 connections.acme.conversationId: must be one of number, string'],
    ['mediaShape: url', '4:5 connections.acme.mediaShape: must be one of chatwoot-attachments'],
  ])('of a connection are checked: %s', (line, fault) => {
    const text = line.startsWith('workspace') ? connection().replace('workspace: 1', line) : connection(line);
    expect(faultsOf(text)).toEqual([expect.stringContaining(`bridge.yaml:${fault}`)]);
  });

  test.each<[string, string]>([
    ['channels: []', '2:1 channels: must be a map by id'],
    ['channels: { a: }', '2:13 channels.a: is empty: must be a map with the keys topic, acceptsUnverified'],
    ['channels: { "a b": {} }', '2:13 channels["a b"]: is not an id: 1 to 128 letters'],
    ['channels: { a: { topic: "a b" } }', '2:18 channels.a.topic: must be the name of a topic'],
    ['channels: { a: { topic: .. } }', '2:18 channels.a.topic: must be the name of a topic'],
    ['channels: { a: { topic: 5 } }', '2:18 channels.a.topic: must be the name of a topic'],
    ['channels: { a: { acceptsUnverified: yes } }', '2:18 channels.a.acceptsUnverified: must be true or false'],
    ['routes: { name: a, channel: b }', '2:1 routes: must be a list of routes'],
    ['routes: [agents]', '2:10 routes[0]: must be a map with the keys name, when, channel'],
    ['routes: [{ channel: b }]', '2:10 routes[0].name: is missing'],
    ['routes: [{ name: a b, channel: b }]', '2:12 routes[0].name: must be a name'],
    ['routes: [{ name: a }]', '2:10 routes[0].channel: is missing'],
    ['routes: [{ name: a, channel: "a b" }]', '2:21 routes[0].channel: must be 1 to 128 letters'],
    [
      'routes: [{ name: a, channel: "{id}" }]',
      '2:21 routes[0].channel: uses {id}, which is not a field: use {connection},',
    ],
    [
      'routes: [{ name: a, channel: b, when: agent }]',
      '2:33 routes[0].when: must be a map with the keys connection, author',
    ],
    [
      'routes: [{ name: a, channel: b, when: { author: robot } }]',
      '2:41 routes[0].when.author: must be one of bot, agent, unknown',
    ],
    [
      'routes: [{ name: a, channel: b, when: { kind: [text, sms] } }]',
      '2:54 routes[0].when.kind[1]: must be one of text, buttons',
    ],
    ['routes: [{ name: a, channel: b, when: { kind: [] } }]', '2:41 routes[0].when.kind: is an empty list'],
    ['routes: [{ name: a, channel: b, when: { contact: "" } }]', '2:41 routes[0].when.contact: must be an id'],
    [
      'routes: [{ name: a, channel: b, when: { conversation: 9007199254740993 } }]',
      '2:41 routes[0].when.conversation: must be an id (a number beyond 2^53 in quotes)',
    ],
    [
      'routes: [{ name: a, channel: b, when: { connection: nobody } }]',
      '2:41 routes[0].when.connection: is not one of the connections in this file',
    ],
    [
      'routes: [{ name: a, channel: b, when: { connection: [acme, nobody] } }]',
      '2:60 routes[0].when.connection[1]: is not one of the connections',
    ],
    [
      'routes: [{ name: a, channel: b }, { name: a, channel: c }]',
      '2:37 routes[1].name: is the name of routes[0] as well',
    ],
    ['defaultChannel: "room-{connection}"', '2:1 defaultChannel: must be the id of a channel: 1 to 128 letters'],
    ['defaultChannel:', '2:1 defaultChannel: is empty: must be the id of a channel'],
    ['egress: [10.0.0.0/8]', '2:1 egress: must be a map with the keys allow'],
    ['log: debug', '2:1 log: must be a map with the keys level'],
    ['log: { level: loud }', '2:8 log.level: must be one of trace, debug, info, warn, error, fatal, silent'],
    ['egress: { allow: 10.0.0.0/8 }', '2:11 egress.allow: must be a list of host names, addresses and CIDRs'],
    ['egress: { allow: [a, "http://b"] }', '2:22 egress.allow[1]: must be a host name without scheme, port or "*"'],
    ['nicochat: { chaveApi: { env: A } }', '2:1 nicochat.baseUrl: is missing'],
    ['nicochat: { baseUrl: partner.example, chaveApi: { env: A } }', '2:13 nicochat.baseUrl: must be an https URL'],
    [
      'nicochat: { baseUrl: "http://partner.example", chaveApi: { env: A } }',
      '2:13 nicochat.baseUrl: must be https: http is only for hosts named in egress.allow',
    ],
    [
      'nicochat: { baseUrl: "https://a:b@partner.example", chaveApi: { env: A } }',
      '2:13 nicochat.baseUrl: must not hold a user name or password',
    ],
    [
      'nicochat: { baseUrl: "https://x.example", publicUrl: bridge }',
      '2:43 nicochat.publicUrl: must be an http or https URL without user name, password and query',
    ],
    [
      'nicochat: { baseUrl: "https://x.example", publicUrl: "https://a:b@bridge.example" }',
      '2:43 nicochat.publicUrl: must be an http or https URL without user name, password and query',
    ],
    [
      'nicochat: { baseUrl: "https://x.example", keyField: email }',
      '2:43 nicochat.keyField: must differ from workspace, email',
    ],
    [
      'nicochat: { baseUrl: "https://x.example", keyField: "a b" }',
      '2:43 nicochat.keyField: must be the name of a field',
    ],
    [
      'nicochat: { baseUrl: "https://x.example", actions: { get: "a&b" } }',
      '2:54 nicochat.actions.get: must be the name of an action',
    ],
  ])('of the other sections are checked: %s', (line, fault) => {
    expect(faultsOf(sections(line))).toEqual([expect.stringContaining(`bridge.yaml:${fault}`)]);
  });

  test.each([
    ['connections: []', '1:1 connections: must be a map by id'],
    ['connections:', '1:1 connections: is empty: must be a map by id'],
    ['channels: {}', '1:1 connections: is missing'],
    ['connections: { Acme: { workspace: 1 } }', '1:16 connections.Acme: is not an id: 1 to 63 lower-case letters'],
    ['connections: { a_b: { workspace: 1 } }', '1:16 connections.a_b: is not an id'],
    [`connections: { ${'a'.repeat(64)}: { workspace: 1 } }`, `1:16 connections.${'a'.repeat(64)}: is not an id`],
    ['connections: { acme: 5 }', '1:16 connections.acme: must be a map with the keys workspace'],
    ['connections: { acme: {} }', '1:16 connections.acme.workspace: is missing'],
  ])('of connections are checked: %s', (text, fault) => {
    expect(faultsOf(text)).toEqual([expect.stringContaining(`bridge.yaml:${fault}`)]);
  });
});

test('a fault inside an anchor is shown where it is written, under each path that uses it', () => {
  const text = 'connections:\n  a: { workspace: 1, limits: &l { burst: 0 } }\n  b: { workspace: 2, limits: *l }';
  expect(faultsOf(text)).toEqual([
    'bridge.yaml:2:35 connections.a.limits.burst: must be a positive integer',
    'bridge.yaml:2:35 connections.b.limits.burst: must be a positive integer',
  ]);
});

describe('secrets', () => {
  const hidden = 'k3y-so-nossa-k3y-so-nossa';
  const env = { SHORT: 'k3y-so-nossa', EMPTY: '', SPACED: `${hidden} ${hidden}`, KEY: hidden };
  const http = {
    BOT: `http://bot.example/${hidden}`,
    LOCAL: `http://127.0.0.1:8090/${hidden}`,
    USER: `https://a:${hidden}@b.example/`,
  };
  const files = { blank: '\n', key: hidden };

  test.each<[string, string, string[]]>([
    ['in the file itself', `flowApiKey: ${hidden}`, [`4:5 connections.acme.flowApiKey: ${aSecret}`]],
    ['in braces', `flowApiKey: { ${hidden} }`, [`4:5 connections.acme.flowApiKey: ${aSecret}`]],
    ['in a list', `flowApiKey: [ ${hidden} ]`, [`4:5 connections.acme.flowApiKey: ${aSecret}`]],
    ['as a number', 'flowApiKey: 5', [`4:5 connections.acme.flowApiKey: ${aSecret}`]],
    [
      'as the name of a variable, without hyphens',
      'flowApiKey: { env: k3y_so_nossa }',
      ['4:5 connections.acme.flowApiKey: must give the name of a variable'],
    ],
    [
      'as the name of a variable',
      `flowApiKey: { env: ${hidden} }`,
      ['4:5 connections.acme.flowApiKey: must give the name of a variable: capital letters, digits and "_"'],
    ],
    [
      'as a URL for a path',
      `botUrl: { file: "https://bot.example/${hidden}" }`,
      ['4:5 connections.acme.botUrl: must give the path of a file, not a URL'],
    ],
    [
      'left empty',
      'flowApiKey:',
      ['4:5 connections.acme.flowApiKey: is empty: must be { file: path } or { env: NAME }'],
    ],
    [
      'with both sources',
      'flowApiKey: { env: KEY, file: key }',
      ['4:5 connections.acme.flowApiKey: has both file and env: give one of them'],
    ],
    [
      'with another key beside',
      'flowApiKey: { env: KEY, default: x }',
      [`4:5 connections.acme.flowApiKey: ${aSecret}`],
    ],
    [
      'in a variable that is not set',
      'flowApiKey: { env: NOWHERE }',
      ['4:5 connections.acme.flowApiKey: the variable NOWHERE is not set'],
    ],
    [
      'in a variable that is empty',
      'flowApiKey: { env: EMPTY }',
      ['4:5 connections.acme.flowApiKey: the variable EMPTY is empty'],
    ],
    [
      'in a file that is not there',
      'flowApiKey: { file: nowhere }',
      ['4:5 connections.acme.flowApiKey: the file nowhere does not exist'],
    ],
    [
      'in a file that is empty',
      'flowApiKey: { file: blank }',
      ['4:5 connections.acme.flowApiKey: the file blank is empty'],
    ],
    [
      'in a folder',
      'flowApiKey: { file: . }',
      ['4:5 connections.acme.flowApiKey: the file ', "can't be read (EISDIR)"],
    ],
    [
      'that can stand in no header',
      'flowApiKey: { env: SPACED }',
      ['4:5 connections.acme.flowApiKey: must be printable ASCII without spaces: it is sent in a header'],
    ],
    [
      'shorter than 16 characters',
      'verificationKeys: [{ env: KEY }, { env: SHORT }]',
      ['4:38 connections.acme.verificationKeys[1]: is shorter than 16 characters'],
    ],
    [
      'not in a list',
      'verificationKeys: { env: KEY }',
      ['4:5 connections.acme.verificationKeys: must be a list of { file: path } or { env: NAME }'],
    ],
    [
      'that expire at no time',
      `verificationKeys: [{ env: KEY, expiresAt: "${hidden}" }]`,
      [
        '4:36 connections.acme.verificationKeys[0].expiresAt: must be a time with its zone, such as 2026-12-01T00:00:00Z',
      ],
    ],
    [
      'that expire in no zone',
      'verificationKeys: [{ env: KEY, expiresAt: 2026-12-01T00:00:00 }]',
      ['4:36 connections.acme.verificationKeys[0].expiresAt: must be a time with its zone'],
    ],
    [
      'that expire, of another name',
      'flowApiKey: { env: KEY, expiresAt: 2026-12-01T00:00:00Z }',
      [`4:5 connections.acme.flowApiKey: ${aSecret}`],
    ],
    ['in an empty list', 'verificationKeys: []', ['4:5 connections.acme.verificationKeys: must hold a key']],
    [
      'in a list, written out',
      `verificationKeys: [${hidden}]`,
      [`4:24 connections.acme.verificationKeys[0]: ${aSecret}`],
    ],
    ['that is no URL', 'botUrl: { env: KEY }', ['4:5 connections.acme.botUrl: must be an https URL']],
    [
      'a URL by http',
      'botUrl: { env: BOT }',
      ['4:5 connections.acme.botUrl: must be https: http is only for hosts named in egress.allow'],
    ],
    [
      'a URL with a password',
      'botUrl: { env: USER }',
      ['4:5 connections.acme.botUrl: must not hold a user name or password'],
    ],
    ['as a tag', `botUrl: !${hidden}`, ['4:13: is not YAML that can be read: tags']],
    ['as an alias', `botUrl: *${hidden}`, ['4:13: the alias (*…) has no anchor']],
    ['with a stray escape', `botUrl: "\\${hidden}"`, ['4:14: is not YAML that can be read: invalid \\ escape']],
    ['after a closing quote', `botUrl: "x" ${hidden}`, ['is not YAML that can be read: ']],
  ])('%s are refused, and not repeated', (_name, line, faults) => {
    const secret = /^\w+/.exec(line)?.[0] as 'flowApiKey';
    const found = faultsOf(connection(line), { secrets: [secret], env: { ...env, ...http }, files });
    for (const fault of faults) expect(found[0]).toContain(fault);
    expect(found.join('\n')).not.toMatch(/k3y.so.nossa/);
  });

  test('of every other form are taken', () => {
    const lines = [
      'verificationKeys: [{ env: KEY }, { file: key }, { env: KEY, expiresAt: 2020-01-01T00:00:00Z }]',
      'flowApiKey: { env: KEY }',
      'botUrl: { env: LOCAL }',
    ];
    const options: FaultOptions = {
      secrets: ['verificationKeys', 'flowApiKey', 'botUrl'],
      env: { ...env, ...http },
      files,
    };
    expect(faultsOf(`${connection(...lines)}\negress: { allow: [127.0.0.0/8] }`, options)).toEqual([]);
    expect(faultsOf(connection(...lines), options)).toHaveLength(1);
  });

  test('are checked for their form even where the process does not need them', () => {
    expect(faultsOf(connection(`flowApiKey: ${hidden}`))).toEqual([
      `bridge.yaml:4:5 connections.acme.flowApiKey: ${aSecret}`,
    ]);
    expect(faultsOf(connection('flowApiKey: { env: NOWHERE }'))).toEqual([]);
  });

  test('by http are not complained of while egress.allow itself is faulty', () => {
    const text = `${connection('botUrl: { env: LOCAL }')}\negress: { allow: [127.0.0.1/33] }`;
    const found = faultsOf(text, { secrets: ['botUrl'], env: http });
    expect(found).toEqual([expect.stringContaining('bridge.yaml:5:19 egress.allow[0]: must be a host name')]);
  });
});

test('all faults of a file are told at once, in the order of their lines', () => {
  const text = `
conections: {}
connections:
  acme:
    workspace: 1
    workspace: 2
    verificationKeys: [{ env: SHORT }, { file: nowhere }]
    flowApiKey: k3y-so-nossa
    botUrl: { env: BOT }
    signature: { mode: off }
    limits: { burst: 0 }
  Beta: {}
routes:
  - { name: a, when: { connection: gamma }, channel: "{who}" }
  - { name: a, channel: support }
defaultChannel: a b
`;
  const env = { SHORT: 'k3y-so-nossa', BOT: 'http://bot.example/k3y-so-nossa' };
  const found = faultsOf(text, { secrets: ['verificationKeys', 'flowApiKey', 'botUrl'], env });
  expect(found.map((line) => line.replace(/: .*/, ''))).toEqual([
    'bridge.yaml:2:1 conections',
    'bridge.yaml:6:5 connections.acme.workspace',
    'bridge.yaml:7:24 connections.acme.verificationKeys[0]',
    'bridge.yaml:7:40 connections.acme.verificationKeys[1]',
    'bridge.yaml:8:5 connections.acme.flowApiKey',
    'bridge.yaml:9:5 connections.acme.botUrl',
    'bridge.yaml:10:18 connections.acme.signature.mode',
    'bridge.yaml:11:15 connections.acme.limits.burst',
    'bridge.yaml:12:3 connections.Beta',
    'bridge.yaml:12:3 connections.Beta.workspace',
    'bridge.yaml:12:3 connections.Beta.verificationKeys',
    'bridge.yaml:12:3 connections.Beta.flowApiKey',
    'bridge.yaml:12:3 connections.Beta.botUrl',
    'bridge.yaml:14:24 routes[0].when.connection',
    'bridge.yaml:14:45 routes[0].channel',
    'bridge.yaml:15:7 routes[1].name',
    'bridge.yaml:16:1 defaultChannel',
  ]);
  expect(found.join('\n')).not.toContain('k3y-so-nossa');
});
