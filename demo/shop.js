// The shop's customers, to try a login with: signed in at the shop, they are known in the chat as well.
//
// What a site of yours would do: its server signs a token for whoever is signed in, and the page hands it to the chat
// whenever it asks. Here the shop's server signs for two customers, and for nobody else.
(() => {
  const account = document.querySelector(".account");
  const kept = "shop:customer";
  const said = account.querySelector("p");
  const customer = () => localStorage.getItem(kept);

  const token = async (give) => {
    const answer = await fetch("/customers/" + customer() + "/token", { method: "POST" }).catch(() => undefined);
    give(answer?.ok ? (await answer.json()).token : null);
  };

  const draw = (fault) => {
    const name = account.querySelector(`[value="${customer()}"]`)?.dataset.name;
    for (const button of account.querySelectorAll("button")) button.hidden = !button.value == !name;
    account.querySelector("span").hidden = name;
    said.textContent = fault ? fault.message : name ? "Signed in as " + name : "";
  };

  const logIn = () => customer() && causerie("messenger", "loginUser", token, draw);

  account.addEventListener("click", ({ target }) => {
    if (target.value) {
      localStorage.setItem(kept, target.value);
      logIn();
    } else if (target.matches("button")) {
      localStorage.removeItem(kept);
      causerie("messenger", "logoutUser");
    } else return;
    draw();
  });

  account.hidden = false;
  draw();
  const loader = document.getElementById("ze-snippet");
  window.causerie ? logIn() : loader.addEventListener("load", logIn);
})();
