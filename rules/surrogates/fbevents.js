// Paravent's stand-in for fbevents.js, Meta's pixel. Part of Paravent, GPL-3.0-or-later; nothing in it is Meta's.
//
// It behaves as pages expect of the pixel and sends nothing to Meta. Where it reports, it tells Paravent, on the host
// that it came from, what the page would have told Meta: by script elements, which a page's Content-Security-Policy
// allows that host, and never an identifier's value. Before each report it asks for a token, and only who knows the
// password that came with this script gives one. Whoever is asked instead (the laptop left the house, this script was
// cached) gets nothing but the question, without a Referer, and from then on it is silent. `password`: "" for silence.
(function (password) {
    "use strict";

    var most_waiting = 50, most_drained = 500, most_bytes = 2880, patience_ms = 10000;
    var mark = "__paravent";
    var kinds = ["em", "ph", "fn", "ln", "ge", "db", "ct", "city", "st", "state", "zp", "country", "cn", "external_id",
                 "uid", "lead_id", "subscription_id", "fb_login_id"];
    var words = ["currency", "content_type", "content_name", "content_category", "num_items", "search_string", "status",
                 "order_id", "predicted_ltv", "delivery_category"];

    // Nothing that a page gives, or has made of the browser's own functions, may make this script throw.
    function attempt(action) {
        try {
            return action();
        } catch (e) {
            return undefined;
        }
    }

    function set(object, key, value) {
        attempt(function () {
            object[key] = value;
        });
    }

    function has(object, key) {
        return object !== null && object !== undefined && Object.prototype.hasOwnProperty.call(object, key);
    }

    function is_list(value) {
        return typeof value === "object" && value !== null && typeof value.length === "number";
    }

    function list_of(value, most) {
        return Array.prototype.slice.call(value, 0, most);
    }

    function scalar(value) {
        return typeof value === "string" || typeof value === "boolean" ||
            (typeof value === "number" && isFinite(value)) ? String(value) : "";
    }

    var page = attempt(function () {
        return window;
    });
    if (!page) // in a worker there is no pixel
        return;

    // --- What the page told ----------------------------------------------------------------------------------------

    var pixels = {}, secrets = [], limited = false;

    // The kinds that say something; the values are only remembered to be kept out of everything else.
    function kinds_in(data, into) {
        attempt(function () {
            kinds.forEach(function (kind) {
                if (!has(data, kind))
                    return;
                var value = is_list(data[kind]) ? scalar(data[kind][0]) : scalar(data[kind]);
                // Hashes of nothing and of the word "undefined" are the site's mistake.
                if (!value || /^(undefined|null|e3b0c44298fc1c149afb|eb045d78d273107348b0)/.test(value))
                    return;
                into[kind] = true;
                if (value.length >= 5 && secrets.length < 64)
                    secrets.push(value.toLowerCase().slice(0, 64));
            });
        });
        return into;
    }

    // Text that may stand in a report: no mail address, no hash, nothing that the page gave as an identifier.
    function plain(text, most) {
        var lower = text.toLowerCase();
        if (/\S(@|%40|%2540)\S/.test(lower) || /[0-9a-f]{32}/.test(lower) || /fb\.\d\.\d{10}/.test(lower))
            return "";
        for (var i = 0; i < secrets.length; ++i)
            if (lower.indexOf(secrets[i]) !== -1)
                return "";
        return text.slice(0, most);
    }

    function goods(list) {
        return JSON.stringify(list_of(is_list(list) ? list : [list], 20).map(function (one) {
            var out = {};
            ["id", "quantity", "item_price"].forEach(function (key) {
                var value = has(one, key) ? plain(scalar(one[key]), 64) : "";
                if (value)
                    out[key] = value;
            });
            return out;
        }));
    }

    function ids(list) {
        return JSON.stringify(list_of(is_list(list) ? list : [list], 40).map(function (one) {
            return plain(scalar(one), 64);
        }).filter(Boolean));
    }

    // Origin and path of the page, of a frame without an address the page around it.
    function address() {
        var text = /^https?:/.test(location.href) ? location.origin + location.pathname : document.referrer;
        var parts = /^(https?:\/\/[^\/?#]+)([^?#]*)/.exec(text) || ["", "", ""];
        return parts[1] && parts[1] + (plain(parts[2], 512) || "/");
    }

    function cookie(name) {
        return attempt(function () {
            return new RegExp("(^|; *)" + name + "=.").test(document.cookie);
        });
    }

    function text_of(pixel, name, data, options) {
        var text = "";
        function add(key, value) {
            var pair = attempt(function () { // half a surrogate pair cannot be written
                return value && encodeURIComponent(key) + "=" + encodeURIComponent(value);
            });
            if (pair && text.length + pair.length < most_bytes)
                text += (text && "&") + pair;
        }
        var told = {};
        Object.keys(pixel.told).forEach(function (kind) {
            told[kind] = true;
        });
        kinds_in(data, told);
        if (cookie("_fbp"))
            told.fbp = true;
        if (cookie("_fbc") || /[?&]fbclid=./.test(location.search))
            told.fbc = true;
        add("id", pixel.id);
        add("ev", plain(name, 64) || "-");
        add("dl", attempt(address));
        add("ik", Object.keys(told).join(","));
        if (has(options, "eventID") && scalar(options.eventID))
            add("eid", "1");
        if (name === "SubscribedButtonClick" || name === "Microdata" || (has(options, "es") && options.es === "automatic"))
            add("es", "automatic");
        if (limited)
            add("dpo", "LDU");
        if (data === null || typeof data !== "object")
            return text;
        add("cd[value]", attempt(function () {
            return scalar(data.value);
        }));
        words.forEach(function (key) {
            add("cd[" + key + "]", attempt(function () {
                return has(data, key) && plain(scalar(data[key]), 200);
            }));
        });
        add("cd[contents]", attempt(function () {
            return has(data, "contents") && (typeof data.contents === "string" ? plain(data.contents, 1000)
                                                                                : goods(data.contents));
        }));
        add("cd[content_ids]", attempt(function () {
            return has(data, "content_ids") && (typeof data.content_ids === "string" ? plain(data.content_ids, 1000)
                                                                                     : ids(data.content_ids));
        }));
        return text;
    }

    // --- Telling Paravent ------------------------------------------------------------------------------------------

    var own = attempt(function () {
        return document.currentScript;
    });
    // The element's own host, but never one that is not Meta's: a site may serve this script itself.
    var host = /^https?:\/\/([a-z0-9.-]*connect\.facebook\.net)\//i.exec(own && own.src || "");
    var base = "https://" + (host ? host[1] : "connect.facebook.net") + "/paravent/";
    var nonce = attempt(function () {
        return own.nonce || own.getAttribute("nonce");
    });
    // A page that takes a script's address from a policy alone (Trusted Types) allows the one that Meta's script makes, by
    // its name; where it does not, nothing is told.
    var policy;
    function trusted(url) {
        var types = page.trustedTypes;
        if (!types || typeof types.createPolicy !== "function" || types.defaultPolicy)
            return url;
        policy = policy || types.createPolicy("connect.facebook.net/fbevents", {
            createScriptURL: function (text) {
                if (text.indexOf(base) !== 0)
                    throw new TypeError("no address of this script's");
                return text;
            }
        });
        return policy.createScriptURL(url);
    }

    var waiting = [], busy = true, held = false, alone = !password; // busy until the page's queue was read

    // Calls `done` once, when the script has run, failed, or taken too long.
    function load(path, receive, done) {
        var element = document.createElement("script"), timer;
        function end() {
            if (!done)
                return;
            var then = done;
            done = null;
            clearTimeout(timer);
            attempt(function () {
                element.parentNode.removeChild(element);
            });
            attempt(then);
        }
        element.async = true;
        element.referrerPolicy = "no-referrer";
        if (nonce) {
            element.nonce = nonce;
            element.setAttribute("nonce", nonce);
        }
        element.onload = element.onerror = end;
        element.paravent = receive;
        element.src = trusted(base + path);
        timer = setTimeout(end, patience_ms);
        (document.head || document.documentElement).appendChild(element);
    }

    function number() {
        var bytes = new Uint8Array(16), text = "";
        crypto.getRandomValues(bytes);
        for (var i = 0; i < bytes.length; ++i)
            text += (bytes[i] + 256).toString(16).slice(1);
        return text;
    }

    // With the pad that came with the token nobody but who gave it reads the report, wherever it ends up.
    function sealed(text, pad) {
        var key = atob(pad), out = "";
        if (key.length < text.length)
            return "";
        for (var i = 0; i < text.length; ++i)
            out += String.fromCharCode(text.charCodeAt(i) ^ key.charCodeAt(i));
        return btoa(out).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
    }

    function give_up() {
        alone = true;
        waiting = [];
    }

    function tell_next() {
        if (busy || held || alone || !waiting.length)
            return;
        busy = true;
        if (attempt(function () {
            var asked = number(), token, pad;
            load("token.js?n=" + asked, function (n, known, t, p) {
                if (n === asked && known === password && /^[0-9a-f]{16,128}$/.test(t)) {
                    token = t;
                    pad = p;
                }
            }, function () {
                busy = false;
                if (!token)
                    return give_up();
                if (held) // consent was taken back while the token was on its way
                    return;
                busy = true;
                if (attempt(function () {
                    load("report.js?t=" + token + "&r=" + sealed(waiting.shift(), pad), null, function () {
                        busy = false;
                        tell_next();
                    });
                    return true;
                }) !== true)
                    give_up();
            });
            return true;
        }) !== true)
            give_up();
    }

    function tell(pixel, name, data, options) {
        by_id[pixel.id].eventCount += 1;
        if (alone || waiting.length >= most_waiting)
            return;
        waiting.push(text_of(pixel, name, data, options));
        tell_next();
    }

    // --- fbq -------------------------------------------------------------------------------------------------------

    var by_id = {};

    function track(name, data, options) {
        if (typeof name !== "string" || !name)
            return;
        Object.keys(pixels).forEach(function (id) {
            tell(pixels[id], name, data, options);
        });
    }

    function track_single(id, name, data, options) {
        id = scalar(id);
        if (has(pixels, id) && typeof name === "string" && name)
            tell(pixels[id], name, data, options);
    }

    function init(id, data) {
        id = scalar(id);
        if (!/^\d{1,32}$/.test(id))
            return;
        if (!has(pixels, id)) {
            if (Object.keys(pixels).length >= 50)
                return;
            pixels[id] = {id: id, told: {}};
            by_id[id] = {id: id, eventCount: 0, userData: {}, userDataFormFields: {}};
        }
        kinds_in(data, pixels[id].told);
    }

    var calls = {
        init: init,
        addPixelId: init,
        track: track,
        trackCustom: track,
        trackSingle: track_single,
        trackSingleCustom: track_single,
        consent: function (what) {
            held = what === "revoke" ? true : what === "grant" ? false : held;
            tell_next();
        },
        dataProcessingOptions: function (options) {
            limited = is_list(options) && list_of(options, 20).indexOf("LDU") !== -1;
        }
    };

    function call(given) {
        attempt(function () {
            var words_said = list_of(given, 10);
            if (words_said.length === 1 && is_list(words_said[0])) // fbq.push(["track", …])
                words_said = list_of(words_said[0], 10);
            if (typeof words_said[0] === "string" && has(calls, words_said[0]))
                calls[words_said[0]].apply(null, words_said.slice(1));
        });
    }

    function state() {
        return {
            pixels: Object.keys(pixels).map(function (id) {
                return {id: id, eventCount: by_id[id].eventCount, userData: {}, userDataFormFields: {}};
            })
        };
    }

    attempt(function () {
        var fbq = page.fbq;
        if (typeof fbq !== "function") {
            fbq = function () {
                return fbq.callMethod ? fbq.callMethod.apply(fbq, arguments) : fbq.queue.push(arguments);
            };
            fbq.push = fbq;
            fbq.queue = [];
            set(page, "fbq", fbq);
        }
        if (!page._fbq)
            set(page, "_fbq", fbq);
        // This script a second time, or a copy of Meta's that the site serves itself: the page's calls are in its hands.
        if (fbq[mark] || typeof fbq.callMethod === "function")
            return;
        Object.defineProperty(fbq, mark, {value: true});

        set(fbq, "callMethod", function () {
            call(arguments);
        });
        if (typeof fbq.push !== "function")
            set(fbq, "push", fbq);
        set(fbq, "loaded", true);
        set(fbq, "version", "2.9.200");
        set(fbq, "agent", "");
        set(fbq, "getState", state);
        set(fbq, "instance", {pixelsByID: by_id, pluginConfig: {}, optIns: {}});
        ["registerPlugin", "set", "on", "once"].forEach(function (name) {
            if (!has(fbq, name))
                set(fbq, name, function () {});
        });

        var queue = fbq.queue;
        var said = is_list(queue) ? list_of(queue, most_drained) : [];
        set(fbq, "queue", []);
        attempt(function () { // of the page's own list, too, so that nobody finds it full
            queue.length = 0;
        });
        said.forEach(call);
        busy = false;
        tell_next();
    });
})
