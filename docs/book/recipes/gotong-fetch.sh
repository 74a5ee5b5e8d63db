#!/bin/sh
# gotong-fetch.sh FILE QUERY [CHECK...]: fetches an export and puts it in FILE's place once it is whole and CHECK, given the new file, agrees.
#
# GOTONG_SERVER is the node's address, GOTONG_AUTH a file with the one line `Authorization: Bearer TOKEN` that only its owner may read.
# Ends with 0 if FILE is new; otherwise FILE is as it was.
set -eu
file=$1
query=$2
shift 2
umask 027
new=$(mktemp "$(dirname "$file")/.gotong.XXXXXX")
trap 'rm -f "$new"' EXIT
# An export that breaks off ends curl with 18. No redirect is followed, and the token is on no command line.
curl --fail --silent --show-error --connect-timeout 20 --max-time 1800 --retry 3 \
  --header "@$GOTONG_AUTH" --output "$new" "$GOTONG_SERVER/api/v1/export?$query"
case $query in
  *format=list* | *format=hosts* | *format=rpz* | *format=suricata | *format=suricata\&* | *format=snort* | *format=zeek* | *format=suricata-addresses*)
    if ! tail -n 1 "$new" | grep -q 'End of the export'; then
      echo "gotong-fetch: the export has no end; $file stays as it was" >&2
      exit 1
    fi
    ;;
esac
if [ $# -gt 0 ] && ! "$@" "$new"; then
  echo "gotong-fetch: $1 does not agree; $file stays as it was" >&2
  exit 1
fi
chmod 640 "$new"
mv "$new" "$file"
