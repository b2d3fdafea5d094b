'use strict';
// npm ocpp-rpc in strict mode, as the CSMS or as a station, on a lead held by test_interop_ocpp_rpc.py.
//
// stdin: a JSON object per line. The first says who to be; each further one is {call, params}, or {raw} for
// text that goes out unchecked, or {late} for the answers that are late to go out now. Leaves when stdin ends.
// stdout: a JSON object per line, of what happens.
const { once } = require('node:events');
const readline = require('node:readline');
const { RPCServer, RPCClient, createRPCError } = require('ocpp-rpc');

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const late = [];

// What becomes of a message that this CSMS has a fate for; see FATES in durable_charges.py.
function meet(fate, client, messageId, answer) {
    switch (fate) {
        case 'kill': process.kill(process.pid, 'SIGKILL'); break;
        case 'error': throw createRPCError('InternalError');
        case 'never': return new Promise(() => {});
        case 'late': return new Promise((resolve) => { late.push(() => resolve(answer)); });
        case 'twice': setImmediate(() => client.sendRaw(JSON.stringify([3, messageId, answer])));
    }
    return answer;
}

function listen(client, answers, { kept = [], fates = [] } = {}) {
    for (const [action, answer] of Object.entries(answers)) {
        client.handle(action, ({ params, messageId }) => {
            say({ received: action, params });
            if (!kept.includes(action)) return answer;
            const own = action === 'StartTransaction' ? { transactionId: params.meterStart + 7 } : {};
            return meet(fates.shift(), client, messageId, { ...answer, ...own });
        });
    }
    client.on('strictValidationFailure', ({ error, outbound }) => say({ invalid: error.message, outbound }));
    client.on('badMessage', ({ buffer }) => say({ unexpected: buffer.toString() }));
    client.on('close', ({ code }) => say({ closed: code }));
}

async function beCsms({ protocols, password, answers, port = 0, ...conduct }) {
    const server = new RPCServer({ protocols, strictMode: true });
    server.auth((accept, reject, { password: given }) => {
        if (given?.toString('hex') === password) accept();
        else reject(401);
    });
    server.on('client', (client) => {
        listen(client, answers, conduct);
        say({ connected: client.identity, protocol: client.protocol });
    });
    const http = await server.listen(port, '127.0.0.1');
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
        else if ('late' in wish) late.splice(0).forEach((answer) => answer());
        else await call(await me.client, wish.call, wish.params);
    }
    await me?.end();
}

main();
