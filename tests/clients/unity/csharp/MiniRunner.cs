using System;
using System.Collections.Generic;
using System.Reflection;
using NUnit.Framework;

/// <summary>Runs every [Test] and [TestCase] of this program: the package's tests that need no engine.</summary>
static class MiniRunner
{
    public static int Run()
    {
        int passed = 0;
        var failures = new List<string>();
        foreach (var type in Assembly.GetExecutingAssembly().GetTypes())
            foreach (var method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                foreach (var arguments in Cases(method))
                {
                    var failure = Failure(type, method, arguments);
                    if (failure == null) passed++;
                    else failures.Add(type.Name + "." + method.Name + ": " + failure);
                }
        Console.WriteLine(Json.Of(new Dictionary<string, object> { { "passed", passed }, { "failures", failures } }));
        return failures.Count == 0 ? 0 : 1;
    }

    static IEnumerable<object[]> Cases(MethodInfo method)
    {
        if (method.GetCustomAttributes(typeof(TestAttribute), false).Length > 0) yield return new object[0];
        foreach (TestCaseAttribute given in method.GetCustomAttributes(typeof(TestCaseAttribute), false)) yield return given.Arguments ?? new object[] { null };
    }

    static string Failure(Type type, MethodInfo method, object[] arguments)
    {
        try
        {
            method.Invoke(Activator.CreateInstance(type), arguments);
            return null;
        }
        catch (TargetInvocationException error)
        {
            return error.InnerException.ToString();
        }
    }
}
