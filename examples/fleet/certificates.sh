#!/bin/sh
# Makes an authority, and a certificate from it for the broker, in a folder; what is there stays.
#
#     certificates.sh FOLDER NAME...    the names that the broker is reached by
#
# For a try on one machine: in production they come from your own authority, and its key is not in this folder.
set -eu
folder=$1
shift
[ -s "$folder/server.pem" ] && exit 0
mkdir -p "$folder"
cd "$folder"

names=$(printf ',DNS:%s' "$@")
openssl req -x509 -newkey rsa:2048 -nodes -days 825 -subj '/CN=authority of the fleet' \
  -addext 'keyUsage=critical,keyCertSign,cRLSign' -keyout ca.key -out ca.pem 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout server.key -out server.csr 2>/dev/null
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "${names#,}" >server.ext
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 825 -extfile server.ext \
  -out server.pem 2>/dev/null
rm -f server.csr server.ext ca.srl ca.key
