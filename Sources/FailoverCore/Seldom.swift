/// A value that is seldom there. While it is not, it takes 8 bytes, whatever its size: an `Optional` sets aside the room of the value.
@propertyWrapper
struct Seldom<Value> {
    /// None, or the one. An empty array has no storage of its own.
    private var values: [Value] = []

    init(wrappedValue: Value?) {
        self.wrappedValue = wrappedValue
    }

    var wrappedValue: Value? {
        get { values.first }
        set { values = newValue.map { [$0] } ?? [] }
    }
}

extension Seldom: Sendable where Value: Sendable {}
extension Seldom: Equatable where Value: Equatable {}
extension Seldom: Hashable where Value: Hashable {}
