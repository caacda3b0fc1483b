// Prints what AsyncAPI's own parser says of each document, as JSON: [{file, severity, code, path, message}]
const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

async function main(files) {
  const found = [];
  for (const file of files) {
    const { diagnostics } = await new Parser().parse(readFileSync(file, "utf8"));
    for (const { severity, code, path, message } of diagnostics) {
      found.push({ file, severity, code, path: path.join("."), message });
    }
  }
  console.log(JSON.stringify(found));
}

main(process.argv.slice(2));
