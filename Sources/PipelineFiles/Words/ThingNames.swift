import Declarations

public typealias StageName = NameOf<StageThing>
public typealias ConnectionName = NameOf<ConnectionThing>
/// A role of Postgres.
public typealias RoleName = NameOf<RoleThing>

public enum StageThing: Nameable {
  public static let what = "a stage"
  public static let example = "orders"
}

public enum ConnectionThing: Nameable {
  public static let what = "a connection"
  public static let example = "shop"
}

public enum RoleThing: Nameable {
  public static let what = "a role"
  public static let example = "marketing_reader"
}
