import DemoShop
import Drafting
import Foundation
import PostgresClient
import TestSupport
import Testing

/// What `roost init` writes passes `roost check` and runs, as it stands, on schemas of many kinds.
@Suite struct InitTests {
  @Test func `the demo shop`() async throws {
    try await withProject { project in
      try await DemoShop(users: 400, seed: 3).load(into: project.database.connection)
      let draft = try await project.initialize(ProjectInit(schemas: ["shop"]))
      #expect(draft.pipeline == "pipelines/user_segments.yaml")
      #expect(draft.asOf == "2026-06-01")
      let text = try #require(draft.text(draft.pipeline))
      #expect(text.contains("personal: [email, phone, full_name, birth_year]"))
      #expect(text.contains("deduplicate: { by: [order_id], keep: latest, order: updated_at }"))
      #expect(text.contains("changes: [status]"))
      #expect(text.contains("# - shop.order_lines: it belongs to shop.orders;"))
      let ran = try await project.runDraft(draft)
      #expect(ran.result(of: "churn") != nil)
      #expect(try await project.count("marketing.user_segments_current") == 400)
    }
  }

  @Test func `one table of CDNOW's orders without a key`() async throws {
    try await withProject { project in
      try await CDNOW(readingFrom: ShippedPipelines.orders).load(into: project.database.connection)
      try await project.sql(
        """
        CREATE TABLE orders AS SELECT customer_id, order_date AS ordered_on, quantity, amount
        FROM cdnow.orders WHERE customer_id % 5 = 0;
        DROP SCHEMA cdnow CASCADE;
        """)
      let draft = try await project.initialize()
      #expect(draft.files.map(\.path).contains("sql/customers.sql"))
      #expect(draft.asOf == "1998-07-01")
      let ran = try await project.runDraft(draft)
      #expect(ran.result(of: "orders")?.rows == (try await project.count("orders")))
      let customers = try await project.count("(SELECT DISTINCT customer_id FROM orders) c")
      #expect(try await project.count("marketing.customer_segments_current") == customers)
      // What was counted for the comment is what the model then found.
      let churn = try #require(ran.result(of: "churn"))
      let text = try #require(draft.text(draft.pipeline))
      let validated = churn.notes.compactMap {
        $0.firstMatch(of: /validated on (\d+) rows/).map { String($0.1) }
      }
      #expect(text.contains(" \(validated.first ?? "?") had been active"))
    }
  }

  /// Members, who are known by foreign keys only, and come with uuids.
  private static let purchases = """
    CREATE TABLE members (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(), nickname text, "password" text,
      joined date NOT NULL);
    CREATE TABLE purchases (
      number text PRIMARY KEY, buyer uuid NOT NULL REFERENCES members,
      seller uuid REFERENCES members, total_cents int NOT NULL, tags text[],
      created_at timestamp NOT NULL, shipped_at timestamp);
    CREATE TABLE visits (member uuid REFERENCES members (id), seen timestamptz, ip inet);
    CREATE TABLE stores (id int PRIMARY KEY, address text);
    SELECT setseed(0.1);
    INSERT INTO members (id, joined)
    SELECT md5(i::text)::uuid, date '2024-01-01' + i % 30 FROM generate_series(1, 300) i;
    INSERT INTO purchases
    SELECT row_number() OVER (), id, id, (random() * 10000)::int, '{a}',
      timestamp '2024-02-01' + random() * rate * interval '400 days', NULL
    FROM (SELECT id, 0.3 + 0.7 * random() AS rate FROM members) m, generate_series(1, 15);
    INSERT INTO visits SELECT buyer, created_at, '::1' FROM purchases;
    """

  @Test func `foreign keys, uuids and types that cannot be read`() async throws {
    try await withProject { project in
      try await project.sql(Self.purchases)
      let draft = try await project.initialize(ProjectInit(timezone: "Asia/Shanghai"))
      let text = try #require(draft.text(draft.pipeline))
      #expect(text.contains("entity: members.id"))
      #expect(text.contains("entity: buyer"))
      #expect(text.contains("- public.stores: nothing in it names a member"))
      let members = try #require(draft.text("sql/members.sql"))
      #expect(members.contains("Left out: password (a secret)"))
      #expect(draft.text("sql/purchases.sql")?.contains("tags (type text[])") == true)
      #expect(draft.text("pipelines/roost.yaml")?.contains("timezone: Asia/Shanghai") == true)
      let ran = try await project.runDraft(draft)
      #expect(ran.result(of: "churn") != nil)
      #expect(try await project.count("marketing.member_scores_current") > 0)
    }
  }

  @Test func `no keys, repeated and missing customers, times that are later`() async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE TABLE customer (cust_no int, email text, created_at timestamptz);
        CREATE TABLE sale (cust_no int, amount numeric, day date);
        SELECT setseed(0.2);
        INSERT INTO customer
        SELECT 1 + i % 200, 'a', timestamptz '2026-01-01' FROM generate_series(1, 420) i;
        INSERT INTO customer VALUES (NULL, 'b', now());
        INSERT INTO sale
        SELECT 1 + i % 200, 1.5, date '2023-01-01' + (random() * (100 + i % 200))::int
        FROM generate_series(1, 3000) i;
        INSERT INTO sale VALUES (NULL, 2, '2023-01-01'), (1, NULL, NULL), (2, 3, 'infinity');
        """)
      let draft = try await project.initialize()
      let text = try #require(draft.text(draft.pipeline))
      // Loaded after everything happened, so it does not say since when they are customers.
      #expect(text.contains("timeless: "))
      #expect(draft.text("sql/customer.sql")?.contains("GROUP BY 1") == true)
      let ran = try await project.runDraft(draft)
      #expect(ran.result(of: "churn") != nil)
      #expect(try await project.count("marketing.customer_segments_current") == 200)
    }
  }

  @Test func `names that need quotes`() async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA "My Shop";
        CREATE TABLE "My Shop"."User List" (
          "User Id" bigint PRIMARY KEY, "E-Mail" text, "SignupDate" timestamptz NOT NULL);
        CREATE TABLE "My Shop"."Order" (
          "Order No." bigint PRIMARY KEY, "User Id" bigint NOT NULL REFERENCES "My Shop"."User List",
          "Total Amount" money, "order" int, "select" int, "as_of" timestamptz NOT NULL DEFAULT now(),
          "OrderDate" timestamptz NOT NULL);
        CREATE TABLE "My Shop"."1.2" ("User Id" bigint, "user" text, "a""b" int, "when" date);
        CREATE TABLE "My Shop"."订单" ("用户编号" bigint, "下单时间" timestamptz, "金额" numeric(10,2));
        SELECT setseed(0.3);
        INSERT INTO "My Shop"."User List"
        SELECT i, 'x', timestamptz '2025-01-01' FROM generate_series(1, 300) i;
        INSERT INTO "My Shop"."Order"
        SELECT i, 1 + i % 300, i, i, i, now(),
          timestamptz '2025-02-01' + random() * (0.3 + (i % 300) / 400.0) * interval '300 days'
        FROM generate_series(1, 4000) i;
        """)
      let draft = try await project.initialize()
      let order = try #require(draft.text("sql/order_.sql") ?? draft.text("sql/order.sql"))
      #expect(order.contains(#""Total Amount"::numeric(19,2) AS total_amount"#))
      let text = try #require(draft.text(draft.pipeline))
      #expect(text.contains("spend: sum(total_amount)"))
      let ran = try await project.runDraft(draft)
      #expect(ran.result(of: "churn") != nil)
    }
  }

  @Test func `a key that is personal is hashed`() async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE TABLE customers (email text PRIMARY KEY, created_at timestamptz NOT NULL);
        CREATE TABLE orders (
          id int PRIMARY KEY, email text REFERENCES customers, amount float8, placed timestamptz);
        INSERT INTO customers VALUES ('a@example.com', '2020-01-01');
        INSERT INTO orders VALUES (1, 'a@example.com', 3, '2020-01-02');
        """)
      var project = project
      project.environment["ROOST_HASH_KEY"] = "a key for tests that is long enough"
      let draft = try await project.initialize()
      let text = try #require(draft.text(draft.pipeline))
      #expect(text.contains("hash: [email]"))
      #expect(text.contains("No model is trained: "))
      try await project.runDraft(draft)
      #expect(
        try await project.texts(
          "SELECT email FROM marketing.customer_segments_current WHERE email LIKE '%@%'"
        ).isEmpty)
    }
  }

  @Test func `tables that were never filled, and views where there are no tables`() async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA hidden;
        CREATE TABLE hidden.t (uid int, at timestamptz, kind text);
        CREATE SCHEMA shown;
        CREATE VIEW shown.events AS SELECT * FROM hidden.t;
        """)
      let draft = try await project.initialize(ProjectInit(schemas: ["shown"]))
      let text = try #require(draft.text(draft.pipeline))
      #expect(text.contains("No model is trained: shown.events has no rows yet"))
      try await project.runDraft(draft)
      #expect(try await project.count("marketing.user_segments_current") == 0)
    }
  }

  @Test func `a published table of somebody else is left alone`() async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE logins (user_id int, at timestamptz);
        INSERT INTO users VALUES (1);
        CREATE SCHEMA marketing; CREATE TABLE marketing.user_segments (user_id int);
        """)
      let draft = try await project.initialize(ProjectInit(schemas: ["public"]))
      #expect(draft.tables == ["marketing_roost.user_segments"])
      try await project.runDraft(draft)
    }
  }
}

extension TestProject {
  /// Drafts a project for the database, and writes it into a folder of its own.
  func initialize(_ maker: ProjectInit = ProjectInit()) async throws -> ProjectDraft {
    let draft = try await maker.draft(
      for: stateDatabase, publishingTo: stateDatabase)
    try ProjectInit.write(draft, to: folder.appending(path: "new").path)
    return draft
  }

  /// Runs what was written, without a change, for the as-of that it names.
  @discardableResult
  func runDraft(_ draft: ProjectDraft) async throws -> Ran {
    try await run("new/" + draft.pipeline, asOf: draft.asOf ?? "2026-06-01")
  }
}

extension ProjectDraft {
  func text(_ path: String) -> String? { files.first { $0.path == path }?.text }
}
