#!/usr/bin/env bash
# node-upnp 1.3.0 (npm) finds no service where a device has one, and no argument where an action has one.
#
# Expected: UPnP Device Architecture 1.1, section 2.3: a serviceList has one service or more; section 2.5: so have
# actionList and argumentList. Section 3.2.2: an answer is in the namespaces of SOAP and of the service; Namespaces in
# XML 1.0, section 4: which prefix they have does not matter. A state variable of type string is a text.
# Seen: what stands alone in its list is taken for a list of its own, which is empty. An answer is read only if its
# prefixes are s and u. The text "007" becomes the number 7.
# Who meets it: whoever asks a gateway or phone with it that offers one service: it "does not exist".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    node-upnp@1.3.0 fast-xml-parser@3.21.1 strnum@1.0.5 he@1.2.0 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
services Ring,Display: found Ring,Display
services Ring: found none
2 action(s) with results State,Reason: found Get(State,Reason), Set(State,Reason)
1 action(s) with results State,Reason: found none
2 action(s) with results State: found Get(), Set()
1 action(s) with results State: found none
answer with s and u: {"State":7}
answer with SOAP-ENV and u: TypeError
answer with s and m: TypeError
TEXT
)
seen=$(
    run <<'JS'
const { parseDeviceDescription, parseServiceDescription, parseSOAPResponse } = require("node-upnp/response");

const service = (name) =>
  `<service><serviceType>urn:${name}</serviceType><serviceId>${name}</serviceId><SCPDURL>/${name}.xml</SCPDURL>` +
  `<controlURL>/c</controlURL><eventSubURL>/e</eventSubURL></service>`;
for (const names of [["Ring", "Display"], ["Ring"]]) {
  const list = names.map(service).join("");
  const text = `<root><device><serviceList>${list}</serviceList></device></root>`;
  const found = Object.keys(parseDeviceDescription(text, "http://192.0.2.7/d.xml").services);
  console.log(`services ${names}: found ${found.join() || "none"}`);
}
const argument = (name) => `<argument><name>${name}</name><direction>out</direction></argument>`;
for (const names of [["State", "Reason"], ["State"]]) {
  const actions = ["Get", "Set"].map(
    (name) => `<action><name>${name}</name><argumentList>${names.map(argument).join("")}</argumentList></action>`
  );
  for (const list of [actions, actions.slice(0, 1)]) {
    const { actions: seen } = parseServiceDescription(`<scpd><actionList>${list.join("")}</actionList></scpd>`);
    const texts = Object.entries(seen).map(([name, { outputs }]) => `${name}(${outputs.map((each) => each.name)})`);
    console.log(`${list.length} action(s) with results ${names}: found ${texts.join(", ") || "none"}`);
  }
}
for (const [prefix, other] of [["s", "u"], ["SOAP-ENV", "u"], ["s", "m"]]) {
  const text =
    `<${prefix}:Envelope xmlns:${prefix}="http://schemas.xmlsoap.org/soap/envelope/"><${prefix}:Body>` +
    `<${other}:GetResponse xmlns:${other}="urn:Ring"><State>007</State></${other}:GetResponse></${prefix}:Body>` +
    `</${prefix}:Envelope>`;
  try {
    const seen = parseSOAPResponse(text, "Get", [{ name: "State" }]);
    console.log(`answer with ${prefix} and ${other}: ${JSON.stringify(seen)}`);
  } catch (error) {
    console.log(`answer with ${prefix} and ${other}: ${error.name}`);
  }
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
