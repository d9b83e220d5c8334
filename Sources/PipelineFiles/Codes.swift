import Diagnostics

extension DiagnosticCode {
  // R010x, R011x, R012x: the text of a file, keys and parameters, in their module.
  public static let noProject: Self = "R0107"

  // R02xx: the graph.
  public static let unknownStage: Self = "R0201"
  static let cycle: Self = "R0202"
  public static let wrongInput: Self = "R0203"
  static let noStages: Self = "R0204"
  static let notPlanned: Self = "R0205"
  public static let unknownChannel: Self = "R0206"
  public static let futureAsOf: Self = "R0207"
  static let repeatedAsOf: Self = "R0208"

  // R03xx: expressions, in their module.
  // R04xx: columns and types.
  public static let duplicateColumn: Self = "R0402"
  public static let personalData: Self = "R0404"
  public static let approximateNumber: Self = "R0405"
  public static let missingTime: Self = "R0406"
  public static let todaysValue: Self = "R0408"
  public static let keyChanged: Self = "R0409"
  public static let nullableKey: Self = "R0410"
  public static let unusableColumnName: Self = "R0411"
  public static let wrongException: Self = "R0412"
  public static let notKept: Self = "R0413"
  public static let ambiguousCause: Self = "R0420"

  // R043x: values, times and personal data.
  public static let idleTimeZone: Self = "R0430"
  public static let guessableKey: Self = "R0431"
  public static let unreadColumn: Self = "R0432"
  public static let foldedTexts: Self = "R0433"

  // R044x: models.
  public static let missingLibrary: Self = "R0440"

  // R05xx: databases.
  public static let unknownConnection: Self = "R0501"
  public static let statementRefused: Self = "R0502"
  public static let unreadableConnection: Self = "R0503"
  public static let targetConflict: Self = "R0504"
  static let unknownRole: Self = "R0505"
  public static let statementNotAllowed: Self = "R0506"
  public static let notChecked: Self = "R0507"
  public static let missingPrivilege: Self = "R0508"
  public static let locked: Self = "R0509"
  public static let madeLater: Self = "R0510"
  public static let notUndone: Self = "R0511"
  public static let noSnapshot: Self = "R0520"
  public static let otherRows: Self = "R0521"
  public static let pooledState: Self = "R0530"
  public static let readOnlyState: Self = "R0531"
  public static let newerState: Self = "R0532"
  public static let boundedSource: Self = "R0533"
  public static let strangeSession: Self = "R0534"
  public static let unpublishedList: Self = "R0555"
  public static let columnWidened: Self = "R0556"
  public static let damagedPublication: Self = "R0557"

  // R06xx: tests of pipelines.
  public static let notGiven: Self = "R0601"
  public static let unreadableCell: Self = "R0602"
}
