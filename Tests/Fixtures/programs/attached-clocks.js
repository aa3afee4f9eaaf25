// SPDX-License-Identifier: Apache-2.0

// Answers each line of input by the seconds of Date.now, and how often hrtime went back, which is read without a pause.
let stepsBack = 0, last = process.hrtime.bigint();
function watch() {
  for (let i = 0; i < 1000; i++) {
    const now = process.hrtime.bigint();
    if (now < last) stepsBack++;
    last = now;
  }
  setImmediate(watch).unref();
}
watch();
require("readline").createInterface({ input: process.stdin }).on("line", () => {
  console.log(Math.floor(Date.now() / 1000), stepsBack);
});
