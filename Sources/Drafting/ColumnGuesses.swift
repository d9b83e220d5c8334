/// What a column is probably good for, by its name and type. Names are English, or Chinese in
/// characters or pinyin.
enum ColumnGuesses {
  // MARK: When something happened

  /// How well a column says when a row happened; nil where it says something else.
  static func timeScore(_ column: SourceColumn, of table: String) -> Int? {
    guard column.isTime, column.isReadable else { return nil }
    let words = NameWords.split(column.name)
    if !otherTimes.isDisjoint(with: words) { return nil }
    var score = column.isNotNull ? 2 : 0
    let what = NameWords.singular(NameWords.split(table).last ?? table)
    if words.contains(where: { $0.hasPrefix(what) }) { score += 6 }
    if !happenings.isDisjoint(with: words) { score += 6 }
    if !beginnings.isDisjoint(with: words) || contains(column.name, ["时间", "日期"]) { score += 5 }
    if !plainTimes.isDisjoint(with: words) { score += 2 }
    if !consequences.isDisjoint(with: words) { score -= 5 }
    return score
  }

  /// Times that do not say when a row happened.
  private static let otherTimes: Set<String> = [
    "birth", "birthday", "birthdate", "dob", "born", "deleted", "expires", "expiry", "expire",
    "expiration", "valid", "due", "promised", "until", "next", "last", "updated", "modified",
    "changed", "update", "modify", "estimated", "expected", "scheduled", "planned", "shengri",
    "xiugai", "gengxin",
  ]
  private static let happenings: Set<String> = [
    "occurred", "happened", "placed", "purchased", "purchase", "ordered", "order", "bought", "sold",
    "sale", "transaction", "transacted", "invoice", "invoiced", "booked", "visited", "visit",
    "event", "checkout", "xiadan", "goumai", "jiaoyi",
  ]
  private static let beginnings: Set<String> = [
    "created", "create", "signed", "signup", "registered", "registration", "joined", "join",
    "enrolled", "since", "first", "opened", "sent", "started", "start", "entered", "written",
    "chuangjian", "zhuce",
  ]
  private static let plainTimes: Set<String> = [
    "date", "time", "timestamp", "ts", "at", "on", "day",
  ]
  /// What comes after something happened; taken where there is nothing better.
  private static let consequences: Set<String> = [
    "loaded", "inserted", "ingested", "imported", "synced", "shipped", "delivered", "closed",
    "ended", "end", "cancelled", "canceled", "refunded", "resolved", "processed", "paid", "arrived",
    "completed", "finished",
  ]

  /// The column that best says when a row happened.
  static func time(of table: SourceTable, but excluded: Set<String> = []) -> SourceColumn? {
    best(table.columns.filter { !excluded.contains($0.name) }) {
      timeScore($0, of: table.name.name)
    }
  }

  /// Columns that may say when a row became known, later than it happened.
  static func arrival(of table: SourceTable, but time: String) -> SourceColumn? {
    table.columns.first { column in
      column.isTime && column.isReadable && column.name != time
        && !Set(NameWords.split(column.name)).isDisjoint(
          with: ["loaded", "inserted", "ingested", "imported", "synced", "arrived"])
    }
  }

  // MARK: Money and amounts

  /// The column that best says what was paid.
  static func money(of table: SourceTable, but excluded: Set<String>) -> SourceColumn? {
    best(table.columns.filter { !excluded.contains($0.name) }) { column in
      guard column.isReadable, column.isNumber || column.kind == .cast(to: "numeric(19,2)") else {
        return nil
      }
      let words = NameWords.split(column.name)
      if !noMoney.isDisjoint(with: words) { return nil }
      let scores = words.compactMap { moneyWords[$0] }
      let own = contains(column.name, ["金额", "总价", "实付"]) ? 10 : nil
      guard let score = (scores + [own].compactMap(\.self)).max() else { return nil }
      return score + (column.kind == .integer ? 0 : 1) + (scores.count > 1 ? 1 : 0)
    }
  }

  private static let moneyWords: [String: Int] = [
    "amount": 10, "amt": 10, "total": 9, "paid": 8, "payment": 7, "revenue": 8, "spend": 8,
    "spent": 8, "sales": 6, "value": 6, "price": 5, "sum": 5, "net": 5, "gross": 5, "subtotal": 5,
    "fare": 5, "turnover": 5, "cost": 3, "fee": 3, "jine": 10, "zongjia": 10, "shifu": 9,
    "zonge": 10,
  ]
  private static let noMoney: Set<String> = [
    "id", "discount", "tax", "vat", "shipping", "freight", "refund", "refunded", "count", "number",
    "no", "rate", "percent", "pct", "quantity", "qty", "balance", "items", "weight", "points",
    "unit",
  ]

  /// The column that best says how many were bought.
  static func quantity(of table: SourceTable, but excluded: Set<String>) -> SourceColumn? {
    table.columns.first { column in
      column.isReadable && column.isNumber && !excluded.contains(column.name)
        && (!Set(NameWords.split(column.name)).isDisjoint(
          with: ["quantity", "qty", "items", "units", "pieces", "shuliang"])
          || contains(column.name, ["数量"]))
        && !NameWords.split(column.name).contains("id")
    }
  }

  // MARK: People

  /// Whether a column holds what belongs to a person, and not to the shop.
  /// - Parameter ofPeople: whether its table has a row for each person, so that `name` is theirs.
  static func isPersonal(_ column: SourceColumn, ofPeople: Bool) -> Bool {
    let words = NameWords.split(column.name)
    if words.last == "consent" || column.kind == .bool { return false }
    if column.isTime, births.isDisjoint(with: words) { return false }
    // A number that names an address is none.
    if words.last == "id" || words.last == "count", column.kind == .integer || column.kind == .uuid
    {
      return personalNames.contains(words.joined())
    }
    if !personalWords.isDisjoint(with: words) { return true }
    if contains(column.name, personalCharacters) { return true }
    let squeezed = words.joined()
    if personalNames.contains(where: squeezed.contains) { return true }
    return ofPeople && (words.last == "name" || words == ["contact"])
  }

  private static let births: Set<String> = [
    "birth", "birthday", "birthdate", "dob", "born", "shengri", "生日",
  ]
  private static let personalWords: Set<String> = [
    "email", "mail", "phone", "mobile", "telephone", "tel", "cell", "fax", "address", "addr",
    "street", "birth", "birthday", "birthdate", "dob", "ssn", "passport", "ip", "wechat", "weixin",
    "openid", "unionid", "qq", "latitude", "longitude", "lat", "lng", "iban", "surname",
    "firstname", "lastname", "fullname", "xingming", "shouji", "dianhua", "dizhi", "youxiang",
    "shengri", "shenfenzheng", "shoujihao", "recipient", "postcode", "zip", "zipcode",
  ]
  private static let personalNames = [
    "firstname", "lastname", "fullname", "familyname", "givenname", "username", "nickname",
    "customername", "membername", "contactname", "postalcode", "idcard", "idnumber", "creditcard",
    "cardnumber", "emailaddress", "phonenumber", "birthyear", "birthdate",
  ]
  private static let personalCharacters = [
    "姓名", "手机", "电话", "邮箱", "地址", "身份证", "生日", "微信",
  ]

  /// Whether a column holds something that nobody should read at all.
  static func isSecret(_ column: SourceColumn) -> Bool {
    !Set(NameWords.split(column.name)).isDisjoint(with: [
      "password", "passwd", "passwordhash", "pwd", "secret", "salt", "mima", "cvv", "token",
    ])
  }

  /// Whether a column is updated in place as things go on.
  static func changes(_ column: SourceColumn) -> Bool {
    guard column.isReadable, !column.isTime else { return false }
    let last = NameWords.split(column.name).last ?? ""
    return ["status", "state", "stage", "zhuangtai"].contains(last)
      || contains(column.name, ["状态"])
  }

  /// How well a column's name says that it names a customer, 0 for not at all.
  static func personScore(_ name: String) -> Int {
    let text = NameWords.squeezed(name)
    for (person, score) in persons {
      guard text.hasPrefix(person) else { continue }
      let rest = text.dropFirst(person.count)
      if ["id", "no", "key", "number", "code", "uuid", "num", "ref"].contains(rest) {
        return score
      }
      if rest.isEmpty { return score - 1 }
    }
    if ["uid", "cid", "用户编号", "会员编号", "客户编号", "用户id", "会员id", "客户id"].contains(text) { return 4 }
    return 0
  }

  /// How well a table's name says that it holds customers.
  static func peopleScore(_ name: String) -> Int {
    let words = NameWords.split(name).map(NameWords.singular)
    let last = words.last ?? ""
    return persons.first { $0.0 == last || words.first == $0.0 && words.count == 1 }?.1
      ?? (contains(name, ["用户", "会员", "客户", "顾客"]) ? 5 : 0)
  }

  private static let persons: [(String, Int)] = [
    ("customer", 6), ("cust", 6), ("client", 5), ("member", 5), ("buyer", 5), ("shopper", 5),
    ("user", 5), ("subscriber", 4), ("account", 4), ("person", 4), ("guest", 3), ("visitor", 3),
    ("consumer", 5), ("huiyuan", 5), ("kehu", 5), ("yonghu", 5), ("guke", 5),
  ]

  // MARK: Orders

  /// How well a table's name says that its rows are purchases.
  static func purchaseScore(_ name: String) -> Int {
    let words = NameWords.split(name).map(NameWords.singular)
    if !["line", "item", "detail", "log", "history"].contains(where: words.contains),
      let score = words.compactMap({ purchases[$0] }).max()
    {
      return score
    }
    return contains(name, ["订单", "交易"]) ? 6 : 0
  }

  private static let purchases: [String: Int] = [
    "order": 6, "purchase": 6, "transaction": 5, "sale": 5, "invoice": 5, "booking": 5,
    "checkout": 4, "receipt": 4, "payment": 3, "subscription": 2, "dingdan": 6, "jiaoyi": 5,
  ]

  // MARK: Helpers

  private static func contains(_ name: String, _ parts: [String]) -> Bool {
    parts.contains { name.contains($0) }
  }

  private static func best(
    _ columns: [SourceColumn], _ score: (SourceColumn) -> Int?
  ) -> SourceColumn? {
    var best: (column: SourceColumn, score: Int)?
    for column in columns {
      guard let score = score(column), score > best?.score ?? .min else { continue }
      best = (column, score)
    }
    return best?.column
  }
}
