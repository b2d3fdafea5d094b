'use strict';
// npm ocpp-rpc in strict mode, under the load of loopback.py and the attacks of abuse/. Reports its port; leaves when
// stdin is closed, or reports that it has seen SIGTERM, closes, and reports that.
const { RPCServer } = require('ocpp-rpc');

const server = new RPCServer({ protocols: ['ocpp1.6'], strictMode: true });

server.on('client', (client) => {
    client.handle('Heartbeat', () => ({ currentTime: new Date().toISOString() }));
    client.handle('MeterValues', () => ({}));
    client.handle('Authorize', () => { throw new Error('a bug of the application'); });
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
process.on('SIGTERM', async () => {
    console.log('{"obeyed": true}');
    await server.close();
    console.log('{"left": true}');
    process.exit(0);
});

server.listen(0, '127.0.0.1').then((http) => console.log(http.address().port));
