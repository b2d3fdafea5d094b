#!/bin/sh
# The whole fleet on one machine: a broker, two gateways, the API, the worker, and stations to try it with.
# Ctrl-C stops all. The environment may say: PYTHON, NATS_SERVER, NATS_PORT, PORT_1, PORT_2, API_PORT, STATIONS.
set -eu
cd "$(dirname "$0")/../.."

python=${PYTHON:-python3}
[ -n "${PYTHON:-}" ] || [ ! -x .venv/bin/python ] || python=.venv/bin/python
nats=${NATS_SERVER:-nats-server}
[ -n "${NATS_SERVER:-}" ] || PATH=$PATH:/usr/sbin # where Debian has it, and not every user's PATH
command -v "$nats" >/dev/null || {
  echo "there is no $nats: apt-get install nats-server, brew install nats-server, or https://nats.io/download" >&2
  exit 2
}

port_1=${PORT_1:-9001} port_2=${PORT_2:-9002} api_port=${API_PORT:-8000} nats_port=${NATS_PORT:-4222}
export NATS_URL="nats://127.0.0.1:$nats_port" PYTHONUNBUFFERED=1
folder=$(mktemp -d)
started=""

stop() {
  trap '' INT TERM
  for pid in $started; do kill "$pid" 2>/dev/null || true; done # what has ended already is no matter
  for pid in $started; do wait "$pid" 2>/dev/null || true; done
  kill "$broker" 2>/dev/null || true
  wait "$broker" 2>/dev/null || true
  rm -rf "$folder"
}

# The broker goes last. It must not hear a Ctrl-C itself, so it is in a session of its own, where there is setsid.
own_session=$(command -v setsid || true)
$own_session "$nats" -js -sd "$folder/nats" -a 127.0.0.1 -p "$nats_port" -l "$folder/nats.log" &
broker=$!
trap 'exit 0' INT TERM
trap stop EXIT

# Waits until somebody listens on a port, as long as the process that is to do so is there.
await_port() {
  until "$python" -c "import socket; socket.create_connection(('127.0.0.1', $1), 1).close()" 2>/dev/null; do
    kill -0 "$2" 2>/dev/null || return 1 # it has said why
    sleep 0.1
  done
}

await_port "$nats_port" $broker || { cat "$folder/nats.log" >&2; exit 1; }

start() {
  "$python" -m "$@" &
  started="$started $!"
}
start examples.fleet.gateway --name G1 --port "$port_1"
gateway_1=$!
start examples.fleet.gateway --name G2 --port "$port_2"
gateway_2=$!
await_port "$port_1" $gateway_1
await_port "$port_2" $gateway_2
start examples.fleet.billing --database "$folder/billing.sqlite"
start examples.fleet.api --port "$api_port"
start examples.fleet.stations --count "${STATIONS:-3}" "ws://127.0.0.1:$port_1" "ws://127.0.0.1:$port_2"

cat <<TEXT
The fleet is starting. Try, in another terminal:
  curl http://127.0.0.1:$api_port/stations
  curl -X POST http://127.0.0.1:$api_port/stations/CP001/Reset?wait=10 -d '{"type": "Soft"}'
  kill -9 $gateway_1          # gateway G1; G2 is $gateway_2
Bills are in $folder/billing.sqlite. Ctrl-C stops all.
TEXT
wait
