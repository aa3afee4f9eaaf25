// SPDX-License-Identifier: Apache-2.0

// Threads, time, a panic that is caught, and a child process.
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime};

fn main() {
    let start = Instant::now();
    let (sender, receiver) = mpsc::channel();
    for index in 0..4u64 {
        let sender = sender.clone();
        std::thread::spawn(move || {
            for _ in 0..10000 {
                assert!(SystemTime::now() > SystemTime::UNIX_EPOCH);
            }
            sender.send((index, index * index)).unwrap();
        });
    }
    drop(sender);
    let squares: BTreeMap<u64, u64> = receiver.iter().collect();
    println!("{:?}", squares);
    std::thread::sleep(Duration::from_millis(10));
    println!("{}", start.elapsed() >= Duration::from_millis(10));
    println!("{}", std::panic::catch_unwind(|| panic!("caught")).is_err());
    let child = std::process::Command::new("/bin/echo").arg("child").output().unwrap();
    print!("{}", String::from_utf8_lossy(&child.stdout));
    println!("{}", std::env::args().nth(1).unwrap_or_default());
    std::process::exit(3);
}
