'use strict';
// npm ocpp-rpc in strict mode, under the load of loopback.py. Reports its port; leaves when stdin is closed.
const { RPCServer } = require('ocpp-rpc');

const server = new RPCServer({ protocols: ['ocpp1.6'], strictMode: true });

server.on('client', (client) => {
    client.handle('Heartbeat', () => ({ currentTime: new Date().toISOString() }));
    client.handle('MeterValues', () => ({}));
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));

server.listen(0, '127.0.0.1').then((http) => console.log(http.address().port));
