import Testing

@testable import Frames

/// What is known of a column that is made from others.
@Suite struct FieldTests {
  private let plain = Field("a", .int4, isNullable: false, values: ["1", "2"], about: "A number.")

  @Test func `what holds of one of them holds of it`() {
    for flag in [
      \Field.isNullable, \.isPersonal, \.changesInPlace, \.isFromManyRows,
    ] as [WritableKeyPath<Field, Bool>] {
      var other = plain
      other[keyPath: flag] = true
      #expect(Field.made("b", .text, from: [plain, other])[keyPath: flag])
      #expect(!Field.made("b", .text, from: [plain, plain])[keyPath: flag])
      #expect(!Field.made("b", .text, from: [])[keyPath: flag])
    }
  }

  @Test func `it follows from the as-of where all of them do`() {
    var other = plain
    other.followsAsOf = true
    #expect(Field.made("b", .text, from: [other, other]).followsAsOf)
    #expect(!Field.made("b", .text, from: [plain, other]).followsAsOf)
    #expect(!Field.made("b", .text, from: []).followsAsOf)
  }

  @Test func `of its values nothing is known`() {
    let made = Field.made("b", .text, from: [plain])
    #expect(made.name == "b" && made.type == .text)
    #expect(made.values == nil && made.labels == nil && made.about == nil)
  }
}
