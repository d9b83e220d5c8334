import Diagnostics
import Frames
import Testing

@testable import PipelineFiles
@testable import Stages

/// What an extract calls personal may decide and may be counted, but reaches no table and no model.
@Suite struct PersonalDataTests {
  private static let tables: Tables = [
    "users": frame([
      (Field("id", .int8, isNullable: false), []), (Field("joined", .timestamptz), []),
      (Field("email", .text), []), (Field("birth_year", .int4), []), (Field("agreed", .bool), []),
      (Field("top_cause", .text), []),
    ])
  ]

  private func said(_ stages: String) -> [String] {
    messages(
      """
      users:
        extract:
          from: shop
          table: shop.users
          key: id
          time: joined
          personal: [email, birth_year, top_cause]
      \(stages)
      """, Self.tables)
  }

  private func write(_ input: String) -> String {
    "publish: { write: { input: \(input), table: marketing.t, key: id } }"
  }

  @Test func `tables hold none`() {
    #expect(
      said(write("users")) == [
        "error: 'email' is personal data and would be published: users.email",
        "error: 'birth_year' is personal data and would be published: users.birth_year",
        "error: 'top_cause' is personal data and would be published: users.top_cause",
      ])
  }

  @Test func `functions carry it`() {
    let found = said(
      """
      out:
        clean:
          input: users
          steps:
            - set:
                email: "''"
                top_cause: "null::text"
                birth_year: "0"
                domain: "split_part(email, '@', 2)"
                has_email: email is not null
                is_old: birth_year < 1960
      \(write("out"))
      """)
    #expect(
      found == ["error: 'domain' is personal data and would be published: users.email → out.domain"]
    )
  }

  /// A fifth of the year of birth says something of it.
  @Test func `fifths carry it`() {
    let found = said(
      """
      out:
        segment:
          input: users
          rfm: { recency: birth_year, frequency: id, monetary: birth_year }
          rules: [ { name: old, when: "birth_year < 1960 and email like '%@x'" } ]
          otherwise: rest
      \(write("out"))
      """)
    #expect(
      found == [
        "error: 'r' is personal data and would be published: users.birth_year → out.r",
        "error: 'm' is personal data and would be published: users.birth_year → out.m",
      ])
  }

  @Test func `models learn from none`() {
    let found = said(
      """
      f:
        features:
          entity: users.id
          from:
            users: { where: "email is not null", ever: { n: count(email), year: max(birth_year) } }
      m:
        train:
          features: f
          label: { name: gone, from: users, is: count(*) = 0, within: 30d }
          cutoffs: { every: 30d, count: 2 }
      """)
    #expect(
      found == [
        "error: 'year' is personal data and would be learnt from: users.birth_year → f.year"
      ])
  }

  @Test func `profits and lists use none`() {
    let found = said(
      """
      out:
        target:
          input: users
          consent: { mail: agreed }
          campaigns:
            - { name: a, when: "birth_year < 1960", channel: mail, offer: o, cost: 1, profit: birth_year }
      """)
    #expect(found == ["error: a profit may not be worked out from personal data"])
  }

  /// A column that happens to be called as the causes of a score are.
  @Test func `a list shows no personal cause`() {
    let found = said(
      """
      out:
        target:
          input: users
          consent: { mail: agreed }
          campaigns: [ { name: a, when: "true", channel: mail, offer: o, cost: 1 } ]
      publish: { write: { input: out, table: marketing.t, key: [id, campaign] } }
      """)
    #expect(
      Set(found) == [
        "error: 'top_cause' is personal data and would be published: users.top_cause → out.top_cause"
      ])
  }
}
