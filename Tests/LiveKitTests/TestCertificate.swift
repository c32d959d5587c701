/// A self-signed certificate for the name `localhost`, of no use elsewhere; valid for a century.
enum TestCertificate {
  static let certificate = """
    -----BEGIN CERTIFICATE-----
    MIIBlTCCATugAwIBAgIUFEwcXoU0e13Yv1VK1ZrtcHJAXRwwCgYIKoZIzj0EAwIw
    FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTEwMDkwMloYDzIxMjYxMDI4
    MTAwOTAyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAARwsHLCAWJ+ULdxBYqDqtbjS5j9b3dk76pQcwLa6P2YA4SfXbXyBeF4
    vQDZkCVEDhhyJXQQZjcQQsqZ8ujnueZzo2kwZzAdBgNVHQ4EFgQUUFOnEgOfqL9U
    6YbvxQI8EW0i2zQwHwYDVR0jBBgwFoAUUFOnEgOfqL9U6YbvxQI8EW0i2zQwDwYD
    VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
    SAAwRQIgMZQA6PKv/XIUhAsJoKJsIt69b85gjg4Gm7brkAvFqwQCIQCatE10VHpf
    VrXV45mAn608/lTmNAeUUUoapzY/Sh2IsQ==
    -----END CERTIFICATE-----
    """

  static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBITk68/tnlRutoZG
    m6JjSP8RxKXoL9wCd6Yd2ndY1XuhRANCAARwsHLCAWJ+ULdxBYqDqtbjS5j9b3dk
    76pQcwLa6P2YA4SfXbXyBeF4vQDZkCVEDhhyJXQQZjcQQsqZ8ujnueZz
    -----END PRIVATE KEY-----
    """
}
