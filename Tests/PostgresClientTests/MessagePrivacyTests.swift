import Frames
import TestSupport
import Testing

@testable import PostgresClient

/// Values of rows stay out of errors, whatever Postgres would say.
@Suite struct MessagePrivacyTests {
  /// Expressions over a column `phone`, and the states with which they fail.
  private static let failing = [
    ("phone::int", "22003"), ("phone::date", "22008"), ("'x' || phone::bit(4)::text", "22P02"),
    ("to_date('x' || phone, 'YYYY')", "22007"), ("now() AT TIME ZONE phone", "22023"),
    ("make_date(phone::int8::numeric::int4, 1, 1)", "22003"),
    ("make_date(right(phone, 5)::int, 13, 1)", "22008"),
    ("('a' || phone)::regclass::text", "42P01"),
    ("('a' || phone)::regnamespace::text", "3F000"), ("('a' || phone)::regproc::text", "42883"),
    ("('a' || phone)::regrole::text", "42704"), ("current_setting('a' || phone)", "42704"),
    ("('a' || phone)::uuid", "22P02"), ("raised(phone)", "P0001"), ("disguised(phone)", "23505"),
    ("nested(phone)", "42P01"), ("chr(left(phone, 9)::int)", "54000"),
    ("regexp_replace('a', '(' || phone, '')", "2201B"),
    ("('a b' || phone)::regtype::text", "42601"),
    ("to_regtype('a b' || phone)::text", "42601"), ("hinted(phone)", "P0001"),
  ]

  private static let functions = """
    create function raised(x text) returns text language plpgsql
      as $$ begin raise exception 'bad number %', x; end $$;
    create function disguised(x text) returns text language plpgsql
      as $$ begin raise exception 'bad number %', x using errcode = '23505'; end $$;
    create function hinted(x text) returns text language plpgsql
      as $$ begin raise exception 'bad' using hint = x; end $$;
    create function nested(x text) returns text language plpgsql
      as $$ begin execute 'select * from t' || x; return x; end $$;
    create table users (phone text);
    insert into users values ('99138001777777');
    """

  @Test func `a value that a row holds is not in the error of reading it`() async throws {
    try await withDatabase { database in
      let connection = database.connection
      try await connection.execute(script: Self.functions)
      for (expression, state) in Self.failing {
        let error = await #expect(throws: PostgresError.self) {
          try await connection.copyOut("select \(expression) as x from users")
        }
        // What the error is called stands there, even where the message does not.
        let shown = error.map { "\($0)" } ?? ""
        #expect(shown.contains("SQLSTATE \(state)"), "\(expression): \(shown)")
        // Not even a piece of it.
        #expect(!shown.contains("138001") && !shown.contains("77777"), "\(shown)")
      }
    }
  }

  @Test func `a value that a trigger refuses is not in the error of writing it`() async throws {
    try await withDatabase { database in
      let connection = database.connection
      try await connection.execute(
        script: """
          create table t (x text);
          create function refuse() returns trigger language plpgsql
            as $$ begin raise exception 'no %', new.x using errcode = '42501'; end $$;
          create trigger refuse before insert on t for each row execute function refuse();
          """)
      let column = Column(type: .text, values: .text([0], TextDictionary(["secret"])))
      let frame = Frame(schema: Schema([Field("x", .text)]), columns: [column], rowCount: 1)
      let error = await #expect(throws: PostgresError.self) {
        try await connection.copyIn(frame, into: QualifiedName(name: "t"))
      }
      #expect(error.map { "\($0)" }?.contains("secret") == false)
      #expect(
        error?.message.hasPrefix(
          "insufficient privilege in line 1 of t (Postgres's message") == true)
    }
  }

  /// A server behind this one hands on message, hint and state, and not that RAISE made them.
  @Test func `a value that a function refuses on another server is not in the error`() async throws
  {
    try await withDatabase { database in
      let connection = database.connection
      try await connection.execute(script: Self.functions)
      try await connection.execute(
        script: """
          create extension postgres_fdw;
          create schema far;
          create table far.mails (email text);
          create function far.refuse() returns trigger language plpgsql as $$ begin
            raise exception 'no company address: %', new.email
              using errcode = 'check_violation', hint = 'ask ' || new.email; end $$;
          create trigger t before insert on far.mails for each row execute function far.refuse();
          create table far.limited (email text constraint no_shop check (email !~ 'shop'));
          create view far.v as select disguised(phone) as d from users;
          do $$ begin execute format(
            'create server other foreign data wrapper postgres_fdw options (host %L, port %L, dbname %L)',
            split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'),
            current_database()); end $$;
          create user mapping for public server other
            options (user 'postgres', password_required 'false');
          create foreign table mails (email text) server other
            options (schema_name 'far', table_name 'mails');
          create foreign table limited (email text) server other
            options (schema_name 'far', table_name 'limited');
          create foreign table v (d text) server other options (schema_name 'far', table_name 'v');
          """)
      for table in ["mails", "far.mails"] {
        let error = await #expect(throws: PostgresError.self) {
          try await connection.execute(
            overRows: "insert into \(table) values ('alice@shop.example')")
        }
        let shown = error.map { "\($0) \($0.hint ?? "")" } ?? ""
        #expect(!shown.contains("alice") && !shown.contains("company"), "\(shown)")
        #expect(shown.contains("check violation"), "\(shown)")
      }
      let read = await #expect(throws: PostgresError.self) {
        try await connection.copyOut("select d from v")
      }
      #expect(read.map { "\($0)" }?.contains("138001") == false)
      // What Postgres itself says there is shown.
      let limited = await #expect(throws: PostgresError.self) {
        try await connection.execute(
          overRows: "insert into limited values ('alice@shop.example')")
      }
      #expect(
        limited?.message == "new row for relation \"limited\" violates check constraint \"no_shop\""
      )
    }
  }

  /// A value can go over lines, and a line of it look like a place.
  @Test func `a file that cannot be read is named by line and column, without its values`()
    async throws
  {
    try await withDatabase { database in
      let connection = database.connection
      try await connection.execute(
        script: "create extension file_fdw; create server files foreign data wrapper file_fdw")
      let files = [
        (#"1,anna\nx13800138000,bert\n"#, "in column id, line 2 of bad ("),
        (
          #"1,anna\n"a\nCOPY 13800138000, line 7, column 13800138000: b",c\n"#,
          "in column id, line 3 of bad ("
        ),
        (#"1,anna\n2\n"#, "missing data for column \"name\" (line 2 of bad)"),
        (#"1,anna\n2,b,13800138000\n"#, "extra data after last expected column (line 2 of bad)"),
      ]
      for (file, place) in files {
        let program = try SQL.literal("printf '\(file)'")
        try await connection.execute(
          script: """
            drop foreign table if exists bad;
            create foreign table bad (id int8, name text) server files
              options (program \(program), format 'csv');
            """)
        let error = await #expect(throws: PostgresError.self) {
          try await connection.copyOut("select * from bad")
        }
        let shown = error.map { "\($0) \($0.hint ?? "")" } ?? ""
        #expect(shown.contains(place) && !shown.contains("138001"), "\(shown)")
      }
    }
  }

  @Test func `only the words of Postgres are known`() {
    func isKnown(_ message: String, _ state: String) -> Bool {
      MessageForms.isKnown(message, sqlState: state)
    }
    #expect(isKnown("division by zero", "22012"))
    #expect(!isKnown("division by zero: 7", "22012") && !isKnown("division by zero", "23505"))
    #expect(isKnown("value too long for type character varying(10)", "22001"))
    #expect(!isKnown("value \"a@b.c\" too long for type character varying(10)", "22001"))
    #expect(isKnown("duplicate key value violates unique constraint \"t_pkey\"", "23505"))
    #expect(isKnown("row is too big: size 8160, maximum size 8152", "54000"))
    #expect(!isKnown("requested character too large for encoding: 991380017", "54000"))
    for content in [MessageContent.names, .rows] {
      #expect(
        !MessagePrivacy.mayShow(
          "word is too long in tsquery: \"ann@example.org\"", sqlState: "54000", in: content,
          pointsAtText: false, isRaised: false))
    }
    #expect(isKnown("permission denied for table users", "42501"))
    #expect(!isKnown("permission denied for user a@b.c", "42501"))
    #expect(MessageForms.isKnown(hint: "Check free disk space."))
    #expect(!MessageForms.isKnown(hint: "ask a@b.c"))
  }

  @Test func `messages that hold no value are shown`() async throws {
    try await withDatabase { database in
      let connection = database.connection
      try await connection.execute(script: Self.functions)
      for (sql, message) in [
        ("select 1 / (length(phone) - 14) as x from users", "division by zero"),
        (
          "select (select phone from users, generate_series(1, 2)) as x",
          "more than one row returned by a subquery used as an expression"
        ),
        ("select phone, missing from users", "column \"missing\" does not exist"),
        (
          "select 'text'::int as x from users",
          "invalid input syntax for type integer: \"text\""
        ),
      ] {
        let error = await #expect(throws: PostgresError.self) { try await connection.copyOut(sql) }
        #expect(error?.message == message)
      }
      for (sql, message) in [
        ("drop table missing", "table \"missing\" does not exist"),
        ("grant select on users to nobody_here", "role \"nobody_here\" does not exist"),
        ("create table missing.t (x int)", "schema \"missing\" does not exist"),
      ] {
        let error = await #expect(throws: PostgresError.self) { try await connection.execute(sql) }
        #expect(error?.message == message)
      }
    }
  }

  /// PL/pgSQL knows the conditions by their names.
  @Test func `states have the names that Postgres gives them`() async throws {
    try await withDatabase { database in
      for state in [
        "22P02", "22003", "22007", "P0001", "42P01", "XX000", "54000", "2201B", "HV00N",
      ] {
        let name = try #require(ConditionNames.words(for: state)).replacing(" ", with: "_")
        let error = await #expect(throws: PostgresError.self) {
          try await database.connection.execute("do $$ begin raise \(name); end $$")
        }
        #expect(error?.sqlState == state)
      }
    }
  }
}
