// Verifies the signature of a webhook message. Copy it; it needs nothing but .NET 8.
//
// NOT RUN: no test of this project compiles or runs this file. Try it against vectors.json first.
//
// Follows Standard Webhooks 1.0. Give it the body as it came, byte for byte: what was parsed and
// written anew has another signature.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace QaApi.Webhooks;

/// <summary>The message is not shown to be from the service: answer 401 and do nothing.</summary>
public sealed class NotVerifiedException : Exception
{
    public NotVerifiedException(string why) : base(why) { }
}

public static class WebhookVerifier
{
    private const long ToleranceSeconds = 300;

    /// <summary>
    /// The message's id, once one of your secrets ("whsec_...") verifies it. While a secret is being
    /// replaced give both. Names of headers are compared without case; now is for tests.
    /// </summary>
    public static string Verify(
        IReadOnlyDictionary<string, string> headers,
        byte[] body,
        IEnumerable<string> secrets,
        DateTimeOffset? now = null)
    {
        var sent = new Dictionary<string, string>(headers, StringComparer.OrdinalIgnoreCase);
        var signatures = sent.GetValueOrDefault("webhook-signature", "")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!sent.TryGetValue("webhook-id", out var id) || id.Length == 0
            || !sent.TryGetValue("webhook-timestamp", out var timestamp) || timestamp.Length == 0
            || signatures.Length == 0)
        {
            throw new NotVerifiedException("a header is missing");
        }
        if (timestamp.Length > 12 || !timestamp.All(char.IsAsciiDigit))
        {
            throw new NotVerifiedException("the timestamp is no number");
        }
        var left = long.Parse(timestamp, CultureInfo.InvariantCulture);
        var present = (now ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds();
        if (Math.Abs(present - left) > ToleranceSeconds)
        {
            throw new NotVerifiedException("the timestamp is too old or too new");
        }
        var signed = Encoding.UTF8.GetBytes($"{id}.{timestamp}.").Concat(body).ToArray();
        foreach (var secret in secrets)
        {
            var encoded = secret.StartsWith("whsec_", StringComparison.Ordinal) ? secret[6..] : secret;
            var digest = HMACSHA256.HashData(Convert.FromBase64String(encoded), signed);
            var expected = Encoding.UTF8.GetBytes("v1," + Convert.ToBase64String(digest));
            if (signatures.Any(each => CryptographicOperations.FixedTimeEquals(
                    Encoding.UTF8.GetBytes(each), expected)))
            {
                return id;
            }
        }
        throw new NotVerifiedException("no signature fits");
    }
}
