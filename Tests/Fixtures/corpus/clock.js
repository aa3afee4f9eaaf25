const { execFileSync } = require('child_process');
const { Worker } = require('worker_threads');
const start = process.hrtime.bigint();
// Timers count whole milliseconds: one may come a little early.
setTimeout(() => {
  console.log(process.hrtime.bigint() - start >= 18000000n, Date.now() > 0);
  console.log(execFileSync('/bin/echo', ['child']).toString().trim(), process.argv.slice(2));
  new Worker('require("worker_threads").parentPort.postMessage(Date.now() > 0)', { eval: true })
    .on('message', (value) => { console.log(value); process.exitCode = 5; });
}, 20);
