#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| bmpscope_fuzz::decrypted(octets));
