'use strict';
// npm ocpp-rpc in strict mode, as the CSMS or as a station, on a lead held by test_interop_ocpp_rpc.py.
//
// stdin: a JSON object per line. The first says who to be; each further one is {call, params}, or {raw} for
// text that goes out unchecked. Leaves when stdin ends. stdout: a JSON object per line, of what happens.
const { once } = require('node:events');
const readline = require('node:readline');
const { RPCServer, RPCClient } = require('ocpp-rpc');

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

function listen(client, answers) {
    for (const [action, answer] of Object.entries(answers)) {
        client.handle(action, ({ params }) => {
            say({ received: action, params });
            return answer;
        });
    }
    client.on('strictValidationFailure', ({ error, outbound }) => say({ invalid: error.message, outbound }));
    client.on('badMessage', ({ buffer }) => say({ unexpected: buffer.toString() }));
    client.on('close', ({ code }) => say({ closed: code }));
}

async function beCsms({ protocols, password, answers }) {
    const server = new RPCServer({ protocols, strictMode: true });
    server.auth((accept, reject, { password: given }) => {
        if (given?.toString('hex') === password) accept();
        else reject(401);
    });
    server.on('client', (client) => {
        listen(client, answers);
        say({ connected: client.identity, protocol: client.protocol });
    });
    const http = await server.listen(0, '127.0.0.1');
    say({ listening: http.address().port });
    return { client: once(server, 'client').then(([client]) => client), end: () => server.close() };
}

async function beStation({ endpoint, identity, protocols, password, answers }) {
    const client = new RPCClient({
        endpoint, identity, protocols, password: Buffer.from(password, 'hex'), strictMode: true, reconnect: false,
    });
    listen(client, answers);
    try {
        await client.connect();
        say({ connected: identity, protocol: client.protocol });
    } catch (error) {
        say({ refused: error.code });
    }
    return { client, end: () => client.close() };
}

async function call(client, action, params) {
    try {
        say({ outcome: { result: await client.call(action, params) } });
    } catch (error) {
        say({ outcome: { code: error.rpcErrorCode, description: error.message } });
    }
}

async function main() {
    let me;
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const wish = JSON.parse(line);
        if (!me) me = await (wish.endpoint ? beStation(wish) : beCsms(wish));
        else if ('raw' in wish) (await me.client).sendRaw(wish.raw);
        else await call(await me.client, wish.call, wish.params);
    }
    await me?.end();
}

main();
