/**
 * A certificate for health.example that signs itself, valid until 2126. Made with
 * `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500`.
 */
export const selfSigned: { readonly key: string; readonly cert: string } = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGrEUEuDZwb6D9aJC
ahbD8O3irYKWtpgDHZtS2qb7feShRANCAAS3JHWn7+EKj5O+v1abxziLh6mJqR8b
c9niBv8quqgAnP30ELGy8voh8iIhlthu+EVnzqZv6L9jT8nXEpZSLJiw
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBpDCCAUqgAwIBAgIUT11AP79oUQpMvC18pV1FuevS4q8wCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOaGVhbHRoLmV4YW1wbGUwIBcNMjYxMTIxMDE0MjQxWhgPMjEy
NjEwMjgwMTQyNDFaMBkxFzAVBgNVBAMMDmhlYWx0aC5leGFtcGxlMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEtyR1p+/hCo+Tvr9Wm8c4i4epiakfG3PZ4gb/Krqo
AJz99BCxsvL6IfIiIZbYbvhFZ86mb+i/Y0/J1xKWUiyYsKNuMGwwHQYDVR0OBBYE
FDvAyFzjNeNniXydiHwnXSFI0zr0MB8GA1UdIwQYMBaAFDvAyFzjNeNniXydiHwn
XSFI0zr0MA8GA1UdEwEB/wQFMAMBAf8wGQYDVR0RBBIwEIIOaGVhbHRoLmV4YW1w
bGUwCgYIKoZIzj0EAwIDSAAwRQIhANkvbMKDO9e884vUPKYkVfWCEWJmMmRHiK1+
hucngZmuAiACcbLXDH/VpFjU5ZVO5s4Kej3b6dDCvvzxa9J6or/w7A==
-----END CERTIFICATE-----`,
};
