#!/bin/sh
# A real Apache Kafka without Docker: fetched by Maven artifacts, one or three brokers (KRaft) on free
# loopback ports.
#
#   deploy/kafka.sh start [1|3|secure] DIRECTORY    prints the bootstrap servers; DIRECTORY holds data, logs and process ids,
#                                            and what is in it is there again at the next start with as many brokers
#   deploy/kafka.sh stop DIRECTORY           ends exactly the processes that start began
#   deploy/kafka.sh restart NODE DIRECTORY   starts one broker of them, by number, that has ended
#
# "secure" is one broker with five more listeners, each of which requires what it is named after: TLS, MTLS (a client's
# certificate), PLAIN, SCRAM (SHA-512) and OAUTH (unsigned tokens, fifteen seconds a session), the last three under TLS.
# DIRECTORY/secure holds their addresses (endpoints), keys (ca.pem, client.pem, client.key) and the password of user
# "desk" (password), all made for this broker. `kafka.sh certificate DIRECTORY` gives it another certificate at its next
# start.
#
# With KAFKA_OWNER, a process id, the brokers are stopped when that process has ended, however it ended.
#
# KAFKA_HEAP_OPTS sets the brokers' memory, KAFKA_JVM_OPTS replaces what makes them start fast. With
# KAFKA_PROXY_PORTS, a port for each broker, they have a second listener, named PROXY, that is advertised at those
# ports: for who puts a proxy of his own there.
#
# Needs Java 17 or later and Maven (packages default-jre-headless and maven). Artifacts are kept under
# ${XDG_CACHE_HOME:-$HOME/.cache}/wirewatch. Status 69: Maven or Java is absent or cannot reach its
# repository.
set -eu

version=4.1.1
usage() {
  sed -n '2,24s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

fetch() {
  if ! command -v java > /dev/null || ! command -v mvn > /dev/null; then
    echo "java and mvn are needed: apt-get install default-jre-headless maven" >&2
    exit 69
  fi
  jars=${XDG_CACHE_HOME:-$HOME/.cache}/wirewatch/kafka-$version
  [ -f "$jars/complete" ] && return
  mkdir -p "$jars"
  cat > "$jars/pom.xml" << POM
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>wirewatch</groupId><artifactId>kafka</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
POM
  mvn -q -B -f "$jars/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DoutputDirectory="$jars/lib" >&2 || {
    echo "Maven could not fetch Kafka $version" >&2
    exit 69
  }
  touch "$jars/complete"
}

free_ports() {
  python3 -c '
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in sockets])' "$1"
}

run_broker() {
  # shellcheck disable=SC2086  # Words are meant.
  nohup java ${KAFKA_HEAP_OPTS:--Xms256m -Xmx512m} ${KAFKA_JVM_OPTS:--XX:+UseSerialGC -XX:TieredStopAtLevel=1} \
    -Djava.awt.headless=true -cp "$jars/lib/*" kafka.Kafka "$2/server-$1.properties" >> "$2/broker-$1.log" 2>&1 &
  echo $! > "$2/broker-$1.pid"
}

# Whether a process that start began is still that one: after a crash its number may be another's.
is_broker() {
  tr '\0' ' ' 2> /dev/null < "/proc/$1/cmdline" | grep -q ' kafka\.Kafka '
}

# Listening is not yet serving, but clients retry.
await() {
  tries=0
  until python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "${1#*:}" 2> /dev/null; do
    tries=$((tries + 1))
    if [ $tries -gt 120 ]; then
      echo "the broker at $1 did not start; see $2" >&2
      return 1
    fi
    sleep 0.5
  done
}

restart() {
  fetch
  run_broker "$1" "$2"
  await "$(sed -n 's|^listeners=PLAINTEXT://\([^,]*\),.*|\1|p' "$2/server-$1.properties")" "$2"
}

# A certificate of the authority in $1/secure for the given name: $1/secure/NAME.pem and NAME.key (PKCS #8).
certify() {
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1/secure/$2.key" 2> /dev/null
  openssl req -new -key "$1/secure/$2.key" -subj "/CN=$2" -out "$1/secure/$2.csr"
  printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\n' > "$1/secure/$2.ext"
  openssl x509 -req -in "$1/secure/$2.csr" -CA "$1/secure/ca.pem" -CAkey "$1/secure/ca.key" -CAcreateserial -days 2 \
    -extfile "$1/secure/$2.ext" -out "$1/secure/$2.pem" 2> /dev/null
}

certificate() {
  certify "$1" broker
  cat "$1/secure/broker.key" "$1/secure/broker.pem" > "$1/secure/broker-both.pem"
}

# Makes keys and password, and prints the properties of the listeners for the ports that follow.
secure_properties() {
  directory=$1
  shift
  umask 077
  mkdir -p "$directory/secure"
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$directory/secure/ca.key" -out "$directory/secure/ca.pem" -days 2 \
    -subj /CN=authority 2> /dev/null
  certificate "$directory"
  certify "$directory" client
  [ -f "$directory/secure/password" ] || openssl rand -hex 16 > "$directory/secure/password"  # The broker has kept it.
  password=$(cat "$directory/secure/password")
  jaas=org.apache.kafka.common.security
  rm -f "$directory/secure/endpoints"  # Those of an earlier start had other ports.
  for name in TLS MTLS PLAIN SCRAM OAUTH; do
    echo "$name 127.0.0.1:$1" >> "$directory/secure/endpoints"
    shift
  done
  cat << PROPERTIES
ssl.keystore.type=PEM
ssl.keystore.location=$directory/secure/broker-both.pem
ssl.truststore.type=PEM
ssl.truststore.location=$directory/secure/ca.pem
listener.name.mtls.ssl.client.auth=required
listener.name.plain.sasl.enabled.mechanisms=PLAIN
listener.name.plain.plain.sasl.jaas.config=$jaas.plain.PlainLoginModule required user_desk="$password";
listener.name.scram.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.scram.scram-sha-512.sasl.jaas.config=$jaas.scram.ScramLoginModule required;
listener.name.oauth.sasl.enabled.mechanisms=OAUTHBEARER
listener.name.oauth.oauthbearer.sasl.jaas.config=$jaas.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";
listener.name.oauth.oauthbearer.connections.max.reauth.ms=15000
PROPERTIES
}

start() {
  brokers=$1 directory=$2 secure=""
  if [ "$brokers" = secure ]; then
    brokers=1
    secure=yes
  fi
  for file in "$directory"/broker-*.pid; do
    if [ -f "$file" ] && is_broker "$(cat "$file")"; then
      echo "Kafka runs in $directory already; end it first: $0 stop $directory" >&2
      exit 1
    fi
  done
  fetch
  mkdir -p "$directory"
  # shellcheck disable=SC2046  # Words are meant.
  set -- $(free_ports $((brokers * 3)))
  bootstrap="" controllers="" behind="" node=0
  for port in "$@"; do
    node=$((node + 1))
    if [ $node -le "$brokers" ]; then
      bootstrap="$bootstrap${bootstrap:+,}127.0.0.1:$port"
    elif [ $node -le $((brokers * 2)) ]; then
      controllers="$controllers${controllers:+,}$((node - brokers))@127.0.0.1:$port"
    else
      behind="$behind${behind:+,}127.0.0.1:$port"
    fi
  done
  secured="" scram=""
  if [ -n "$secure" ]; then
    # shellcheck disable=SC2046  # Words are meant.
    secure_properties "$directory" $(free_ports 5) > "$directory/secure.properties"
    secured=$(sed 's|^\([A-Z]*\) |,\1://|' "$directory/secure/endpoints" | tr -d '\n')
    scram="--add-scram SCRAM-SHA-512=[name=desk,password=$(cat "$directory/secure/password")]"
  fi
  [ -z "${KAFKA_OWNER:-}" ] || setsid "$0" guard "$KAFKA_OWNER" "$directory" > /dev/null 2>&1 < /dev/null &
  # What an earlier start made in the folder is another cluster's by any other id.
  [ -f "$directory/cluster-id" ] || java -cp "$jars/lib/*" kafka.tools.StorageTool random-uuid > "$directory/cluster-id"
  id=$(cat "$directory/cluster-id")
  min_isr=$([ "$brokers" -eq 3 ] && echo 2 || echo 1)
  node=0
  while [ $node -lt "$brokers" ]; do
    node=$((node + 1))
    listener=$(echo "$bootstrap" | cut -d, -f$node)
    controller=$(echo "$controllers" | cut -d, -f$node | cut -d@ -f2)
    proxied="" advertised=""
    if [ -n "${KAFKA_PROXY_PORTS:-}" ]; then
      proxied=",PROXY://$(echo "$behind" | cut -d, -f$node)"
      advertised=",PROXY://127.0.0.1:$(echo "$KAFKA_PROXY_PORTS" | cut -d, -f$node)"
    fi
    cat > "$directory/server-$node.properties" << PROPERTIES
process.roles=broker,controller
node.id=$node
controller.quorum.voters=$controllers
listeners=PLAINTEXT://$listener,CONTROLLER://$controller$proxied$secured
advertised.listeners=PLAINTEXT://$listener$advertised$secured
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXY:PLAINTEXT,TLS:SSL,MTLS:SSL,PLAIN:SASL_SSL,SCRAM:SASL_SSL,OAUTH:SASL_SSL
log.dirs=$directory/data-$node
num.partitions=4
offsets.topic.num.partitions=4
offsets.topic.replication.factor=$brokers
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=$brokers
transaction.state.log.min.isr=$min_isr
min.insync.replicas=$min_isr
share.coordinator.state.topic.replication.factor=$brokers
share.coordinator.state.topic.min.isr=$min_isr
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
PROPERTIES
    [ -z "$secure" ] || cat "$directory/secure.properties" >> "$directory/server-$node.properties"
    # shellcheck disable=SC2086  # Words are meant.
    java -cp "$jars/lib/*" kafka.tools.StorageTool format --cluster-id "$id" \
      --config "$directory/server-$node.properties" --ignore-formatted $scram > "$directory/format-$node.log" 2>&1 || {
      cat "$directory/format-$node.log" >&2
      exit 1
    }
    run_broker $node "$directory"
  done
  for address in $(echo "$bootstrap" | tr , ' '); do
    await "$address" "$directory" || {
      stop "$directory"
      exit 1
    }
  done
  echo "$bootstrap"
}

# Of a session of its own and nobody's child, so that what ends the owner with all of its children leaves it alone.
guard() {
  while kill -0 "$1" 2> /dev/null && [ -d "$2" ]; do
    sleep 1
  done
  stop "$2"
}

stop() {
  for file in "$1"/broker-*.pid; do
    [ -f "$file" ] || continue
    pid=$(cat "$file")
    if is_broker "$pid"; then
      kill "$pid" 2> /dev/null || true
      tries=0
      while is_broker "$pid" && [ $tries -lt 60 ]; do
        tries=$((tries + 1))
        sleep 0.5
      done
      is_broker "$pid" && kill -9 "$pid" 2> /dev/null
    fi
    rm -f "$file"
  done
}

case "${1:-} $#" in
  "start 3") [ "$2" = 1 ] || [ "$2" = 3 ] || [ "$2" = secure ] || usage; start "$2" "$3" ;;
  "start 2") start 1 "$2" ;;
  "stop 2") stop "$2" ;;
  "guard 3") guard "$2" "$3" ;;
  "certificate 2") certificate "$2" ;;
  "restart 3") restart "$2" "$3" ;;
  *) usage ;;
esac
