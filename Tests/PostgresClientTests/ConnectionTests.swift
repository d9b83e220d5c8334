import PostgresClient
import TestSupport
import Testing

@Suite struct ConnectionTests {
  @Test(arguments: [
    "postgresql://annabel:hunter2secret@db.example.com:5433/shop?connect_timeout=1",
    "host=db.example.com port=5433 user=annabel password=hunter2secret dbname=shop",
  ])
  func `a connection string prints nothing`(_ text: String) throws {
    let string = try ConnectionString(text)
    #expect(string.location == "db.example.com:5433/shop")
    var dumped = ""
    dump([string], to: &dumped)
    for shown in ["\(string)", String(reflecting: string), dumped, "\([string])"] {
      #expect(!shown.contains("hunter2") && !shown.contains("annabel"))
    }
  }

  @Test(arguments: [
    "postgresql://annabel:hunter2@secret@host/shop",
    "postgresql://annabel:hunter2/secret@host/shop",
    "postgresql://annabel:hunter2secret@host:port/shop", "password hunter2secret", "hunter2=secret",
    "postgresql://annabel:hunter2%zzsecret@host/shop",
  ])
  func `an unreadable connection string is not quoted`(_ text: String) {
    let error = #expect(throws: PostgresError.self) { try ConnectionString(text) }
    #expect(error?.kind == .cannotConnect)
    for word in ["hunter2", "secret", "annabel"] {
      #expect(error?.description.contains(word) == false)
    }
  }

  @Test(arguments: [
    "postgresql://annabel:hunter2secret@127.0.0.1:1/shop",
    "postgresql://annabel:hunter2secret@/shop?host=/nowhere/at/all",
    "host=host.invalid password=hunter2secret",
  ])
  func `a database that cannot be reached is said so`(_ text: String) async throws {
    let string = try ConnectionString(text)
    let error = await #expect(throws: PostgresError.self) {
      try await PostgresConnection.connect(to: string)
    }
    #expect(error?.kind == .cannotConnect)
    #expect(error?.location == string.location)
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test func `an unknown database or user cannot connect`() async throws {
    try await withDatabase { database in
      let urls = [
        database.url.replacing(database.name, with: "no_such_database"),
        database.url.replacing("user=postgres", with: "user=nobody&password=hunter2secret"),
      ]
      for url in urls {
        let error = await #expect(throws: PostgresError.self) {
          try await PostgresConnection.connect(to: ConnectionString(url))
        }
        #expect(error?.kind == .cannotConnect)
        #expect(error?.message.contains("does not exist") == true)
        #expect(error?.message.contains("hunter2") == false)
      }
    }
  }

  @Test func `a session has its settings`() async throws {
    try await withDatabase { database in
      let connection = try await database.connect(
        options: ConnectionOptions(settings: ["work_mem": "9MB"]))
      for (name, value) in [
        ("application_name", "roost"), ("client_encoding", "UTF8"), ("DateStyle", "ISO, YMD"),
        ("TimeZone", "UTC"), ("synchronize_seqscans", "off"), ("work_mem", "9MB"),
      ] {
        let rows = try await connection.query("select current_setting($1)", [.text(name)])
        #expect(try rows[0].string(0) == value)
      }
      let named = try await PostgresConnection.connect(
        to: ConnectionString(database.url + "&application_name=other"))
      #expect(try await named.query("show application_name")[0].string(0) == "other")
    }
  }

  @Test func `a lost connection is told from a failed statement`() async throws {
    try await withDatabase { database in
      let victim = try await database.connect()
      let process = try await victim.query("select pg_backend_pid()")[0].int(0)
      _ = try await database.connection.query(
        "select pg_terminate_backend($1::int, 5000)", [Parameter(process)])
      let error = await #expect(throws: PostgresError.self) { try await victim.query("select 1") }
      #expect(error?.kind == .connectionLost)
      #expect(await !victim.isOpen)
      let later = await #expect(throws: PostgresError.self) { try await victim.query("select 1") }
      #expect(later?.kind == .connectionLost)
    }
  }

  @Test func `a connection lost while waiting is noticed`() async throws {
    try await withDatabase { database in
      let victim = try await database.connect()
      let error = await #expect(throws: PostgresError.self) {
        try await victim.query("select pg_terminate_backend(pg_backend_pid()), pg_sleep(60)")
      }
      #expect(error?.kind == .connectionLost)
      #expect(error?.sqlState == "57P01")
    }
  }

  @Test func `a closed connection says so`() async throws {
    try await withDatabase { database in
      let connection = try await database.connect()
      await connection.close()
      let error = await #expect(throws: PostgresError.self) {
        try await connection.query("select 1")
      }
      #expect(error?.kind == .connectionLost)
    }
  }
}
