// Paravent's stand-in for sdk.js and all.js, Facebook's scripts for buttons and login. Part of Paravent,
// GPL-3.0-or-later; nothing in it is Meta's.
//
// A page finds what it expects of them, of somebody who is not logged in, and nothing of it comes from Meta. When the
// person clicks a login or another button, and not before, Meta's own script is fetched (`paravent=clicked` tells
// Paravent that it may; the mark is taken off before Meta sees the address), gets what the page told this one, and
// takes over.
(function () {
    "use strict";

    // Nothing that a page gives may make this script throw.
    function attempt(action) {
        try {
            return action();
        } catch (e) {
            return undefined;
        }
    }

    var page = attempt(function () {
        return window;
    });
    if (!page || attempt(function () {
        return page.FB;
    })) // it, or Meta's own, is there already
        return;

    var nobody = {authResponse: null, status: "unknown"};
    var plugins = "like,share-button,send,follow,page,post,video,comments,comment-embed,group,save,quote";
    var patience_ms = 20000, most_kept = 100;

    function later(action, value) {
        if (typeof action === "function")
            setTimeout(function () {
                attempt(function () {
                    action(value);
                });
            }, 0);
    }

    function nothing() {}

    // --- Meta's own script, after a click --------------------------------------------------------------------------

    var own = attempt(function () {
        return document.currentScript;
    });
    var address = /^https?:\/\/([a-z0-9.-]*connect\.facebook\.net)(\/[A-Za-z_\/]+\.js)/i.exec(own && own.src || "");
    var source = "https://" + (address ? address[1] + address[2] : "connect.facebook.net/en_US/sdk.js");
    var nonce = attempt(function () {
        return own.nonce || own.getAttribute("nonce");
    });
    // A page that takes a script's address from a policy alone (Trusted Types).
    var policy;
    function trusted(url) {
        var types = page.trustedTypes;
        if (!types || typeof types.createPolicy !== "function" || types.defaultPolicy)
            return url;
        policy = policy || types.createPolicy("paravent", {
            createScriptURL: function (text) {
                if (text.indexOf(source) !== 0)
                    throw new TypeError("no address of this script's");
                return text;
            }
        });
        return policy.createScriptURL(url);
    }

    var given, subscriptions = [], metas = null, loading = null;

    function finish(found) {
        var waiting = loading || [];
        loading = null;
        waiting.forEach(function (then) {
            attempt(function () {
                then(found);
            });
        });
    }

    function put(value) {
        Object.defineProperty(page, "FB", {value: value, configurable: true, enumerable: true, writable: true});
    }

    // Meta's script believes that it is there already where it finds an FB, and the page must find one all the time.
    function hide_from(element) {
        var found;
        Object.defineProperty(page, "FB", {
            configurable: true,
            enumerable: true,
            get: function () {
                return found || (document.currentScript === element ? undefined : FB);
            },
            set: function (value) {
                found = value;
            }
        });
    }

    // It calls fbAsyncInit when it is there: ours, since the page's has run.
    function take_over() {
        var found = page.FB;
        if (!found || found === FB || metas)
            return;
        put(found);
        metas = found;
        attempt(function () {
            metas.init(given || {});
        });
        subscriptions.forEach(function (one) {
            attempt(function () {
                metas.Event.subscribe(one[0], one[1]);
            });
        });
        finish(metas);
    }

    // Calls `then` with Meta's FB, or with null where it does not come.
    function with_metas(then) {
        if (metas)
            return then(metas);
        if (loading)
            return loading.length < most_kept ? loading.push(then) : undefined;
        loading = [then];
        var element = document.createElement("script");
        function failed() {
            if (!metas && loading) {
                put(FB);
                finish(null);
            }
        }
        hide_from(element);
        page.fbAsyncInit = take_over;
        if (nonce) {
            element.nonce = nonce;
            element.setAttribute("nonce", nonce);
        }
        element.async = true;
        element.crossOrigin = own && own.crossOrigin || null;
        element.onerror = failed;
        setTimeout(failed, patience_ms);
        if (attempt(function () {
            element.src = trusted(source + "?paravent=clicked");
            return true;
        }) !== true)
            return failed();
        (document.head || document.documentElement).appendChild(element);
    }

    // A browser opens a window inside a click alone, and Meta's script is not there yet: this one is opened now and
    // handed over when that script opens its own.
    function in_window(use, without) {
        var open = page.open, person = attempt(function () {
            return navigator.userActivation;
        });
        if (person && !person.isActive) // the page asks by itself
            return without();
        var popup = attempt(function () {
            return open.call(page, "", "", "width=600,height=679");
        });
        if (!popup)
            return without();
        function back() {
            if (page.open === handing_over)
                page.open = open;
        }
        function handing_over(url) {
            back();
            if (popup.closed)
                return open.apply(page, arguments);
            popup.location.replace(url);
            return popup;
        }
        with_metas(function (found) {
            if (!found) {
                attempt(function () {
                    popup.close();
                });
                return without();
            }
            page.open = handing_over;
            setTimeout(back, 5000);
            use(found);
        });
    }

    // --- Buttons ---------------------------------------------------------------------------------------------------

    function run_after_login(element) {
        var words = element.getAttribute("data-onlogin") || element.getAttribute("onlogin") || "";
        var name = /^\s*([\w$]+)\s*\(\s*\)\s*;?\s*$/.exec(words);
        if (name && typeof page[name[1]] === "function")
            page[name[1]]();
        else if (words)
            new Function(words)();
    }

    function button(element, text, clicked) {
        if (element.getAttribute("fb-xfbml-state") || element.querySelector("button"))
            return;
        var drawn = document.createElement("button");
        drawn.type = "button";
        drawn.setAttribute("data-stand-in", "");
        drawn.textContent = text;
        var style = drawn.style;
        style.font = "bold 14px sans-serif";
        style.padding = "8px 12px";
        style.border = "0";
        style.borderRadius = "4px";
        style.color = "#fff";
        style.background = "#1464c0";
        style.cursor = "pointer";
        drawn.addEventListener("click", function (event) {
            if (event.isTrusted)
                attempt(clicked);
        });
        element.appendChild(drawn);
    }

    function each(root, selector, action) {
        var found = (root && root.querySelectorAll ? root : document).querySelectorAll(selector);
        for (var i = 0; i < found.length && i < 200; ++i)
            attempt(action.bind(null, found[i]));
    }

    function draw(root) {
        each(root, ".fb-login-button, fb\\:login-button", function (element) {
            var other = element.getAttribute("data-button-type") === "login_with" ? "Log in" : "Continue";
            button(element, other + " with Facebook", function () {
                FB.login(function () {
                    run_after_login(element);
                }, {scope: element.getAttribute("data-scope") || element.getAttribute("scope") || ""});
            });
        });
        each(root, plugins.split(",").map(function (name) {
            return ".fb-" + name;
        }).join(), function (element) {
            button(element, "Show what Facebook has here", function () {
                with_metas(function (found) {
                    if (!found)
                        return;
                    each(root, "button[data-stand-in]", function (drawn) {
                        drawn.parentNode.removeChild(drawn);
                    });
                    found.XFBML.parse();
                });
            });
        });
    }

    // --- FB --------------------------------------------------------------------------------------------------------

    // A function of FB: Meta's once that is there, ours before.
    function either(path, ours) {
        return function () {
            var words = arguments;
            return attempt(function () {
                if (!metas)
                    return ours.apply(null, words);
                var object = metas, names = path.split("."), last = names.pop();
                names.forEach(function (name) {
                    object = object[name];
                });
                return object[last].apply(object, words);
            });
        };
    }

    function init(words) {
        given = typeof words === "object" && words !== null ? words : given || {};
        if (given.xfbml)
            FB.XFBML.parse();
        if (given.status)
            FB.getLoginStatus();
    }

    function call_back(name, value) {
        subscriptions.forEach(function (one) {
            if (one[0] === name)
                later(one[1], value);
        });
    }

    // The last word of a call is what it is answered with.
    function answered(words, value) {
        later(Array.prototype.slice.call(words).filter(function (word) {
            return typeof word === "function";
        }).pop(), value);
    }

    var FB = {
        init: either("init", init),
        getLoginStatus: either("getLoginStatus", function (action) {
            later(action, nobody);
        }),
        getAuthResponse: either("getAuthResponse", function () {
            return null;
        }),
        getAccessToken: either("getAccessToken", function () {
            return null;
        }),
        getUserID: either("getUserID", function () {
            return "";
        }),
        login: either("login", function (action, options) {
            in_window(function (found) {
                found.login(action, options);
            }, function () {
                later(action, nobody);
            });
        }),
        logout: either("logout", function (action) {
            later(action, nobody);
        }),
        ui: either("ui", function (what, action) {
            in_window(function (found) {
                found.ui(what, action);
            }, function () {
                later(action, undefined);
            });
        }),
        api: either("api", function () {
            answered(arguments, {error: {message: "Nobody is logged in.", type: "OAuthException", code: 2500}});
        }),
        Event: {
            subscribe: either("Event.subscribe", function (name, action) {
                if (typeof action === "function" && subscriptions.length < most_kept)
                    subscriptions.push([String(name), action]);
            }),
            unsubscribe: either("Event.unsubscribe", function (name, action) {
                subscriptions = subscriptions.filter(function (one) {
                    return one[0] !== name || one[1] !== action;
                });
            })
        },
        XFBML: {
            parse: either("XFBML.parse", function (root, action) {
                if (typeof root === "function") {
                    action = root;
                    root = null;
                }
                draw(root);
                later(action);
                call_back("xfbml.render");
            })
        },
        AppEvents: {EventNames: {}, ParameterNames: {}},
        Canvas: {Prefetcher: {addStaticResource: nothing, setCollectionMode: nothing}},
        CustomerChat: {},
        gamingservices: {}
    };

    ["logEvent", "logPageView", "logPurchase", "activateApp", "setUserID", "clearUserID", "setAppVersion",
     "clearAppVersion", "updateUserProperties", "getUserID", "getAppVersion"].forEach(function (name) {
        FB.AppEvents[name] = nothing; // what Meta would have been told of the page, and is not
    });
    ["getPageInfo", "scrollTo", "setAutoGrow", "setDoneLoading", "setSize", "setUrlHandler", "startTimer",
     "stopTimer"].forEach(function (name) {
        FB.Canvas[name] = nothing;
    });
    ["show", "hide", "showDialog", "hideDialog", "update"].forEach(function (name) {
        FB.CustomerChat[name] = nothing;
    });

    // --- As it begins ----------------------------------------------------------------------------------------------

    // #xfbml=1&version=v19.0&appId=… behind the script's own address
    function told_by_address() {
        var words = (/#(.*)$/.exec(own && own.src || "") || ["", ""])[1], found = {};
        words.split("&").forEach(function (word) {
            var pair = word.split("=");
            if (pair[0])
                found[pair[0]] = decodeURIComponent(pair[1] || "");
        });
        if (found.xfbml || found.appId || found.version)
            FB.init({appId: found.appId, version: found.version, xfbml: found.xfbml === "1" || found.xfbml === "true"});
    }

    function begin() {
        var action = page.fbAsyncInit;
        if (typeof action !== "function" || action === take_over || action.hasRun)
            return;
        attempt(function () {
            action.hasRun = true;
        });
        attempt(action);
    }

    attempt(function () {
        page.FB = FB;
        later(begin);
        later(told_by_address);
        // A page may set fbAsyncInit behind the script.
        document.addEventListener("DOMContentLoaded", function () {
            attempt(begin);
            if (given && given.xfbml)
                attempt(draw);
        });
        page.addEventListener("load", function () {
            attempt(begin);
        });
    });
})
