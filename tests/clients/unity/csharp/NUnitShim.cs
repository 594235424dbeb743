using System;
using System.Collections;

// As much of NUnit as the package's own tests use, so that they run here too: Unity's test runner brings the real one.
namespace NUnit.Framework
{
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TestAttribute : Attribute { }

    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class TestCaseAttribute : Attribute
    {
        public object[] Arguments { get; }
        public TestCaseAttribute(params object[] arguments) { Arguments = arguments; }
    }

    public sealed class AssertionException : Exception
    {
        public AssertionException(string message) : base(message) { }
    }

    public static class Assert
    {
        public static void AreEqual(object expected, object actual, string message = "")
        {
            if (!Same(expected, actual)) throw new AssertionException("expected " + expected + ", got " + actual + ". " + message);
        }

        public static void AreEqual(double expected, double actual, double delta, string message = "")
        {
            if (!(Math.Abs(expected - actual) <= delta)) throw new AssertionException("expected " + expected + ", got " + actual + ". " + message);
        }

        public static void IsTrue(bool condition, string message = "")
        {
            if (!condition) throw new AssertionException("expected true. " + message);
        }

        public static void IsFalse(bool condition, string message = "") => IsTrue(!condition, message);

        public static void IsNull(object value) => IsTrue(value == null, "expected null, got " + value);

        public static void IsNotNull(object value) => IsTrue(value != null, "expected something");

        public static T Throws<T>(Action code) where T : Exception
        {
            try
            {
                code();
            }
            catch (T expected)
            {
                return expected;
            }
            throw new AssertionException("nothing threw " + typeof(T).Name);
        }

        // As NUnit does: numbers by value, collections item by item.
        static bool Same(object a, object b)
        {
            if (a is IEnumerable && b is IEnumerable && !(a is string)) return SameItems((IEnumerable)a, (IEnumerable)b);
            if (a is ValueType && b is ValueType && a is IConvertible && b is IConvertible && !(a is bool) && !(a is Enum))
                return Convert.ToDecimal(a) == Convert.ToDecimal(b);
            return Equals(a, b);
        }

        static bool SameItems(IEnumerable a, IEnumerable b)
        {
            var left = a.GetEnumerator();
            var right = b.GetEnumerator();
            while (left.MoveNext())
                if (!right.MoveNext() || !Same(left.Current, right.Current)) return false;
            return !right.MoveNext();
        }
    }
}
