// Filters, groups, links, copying and printing. The page reads whole without any of it.
(function () {
  'use strict';
  const one = (id) => document.getElementById(id);
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const root = document.documentElement;
  const items = all('.item');
  const homes = items.map((item) => item.parentElement);
  const form = one('search').form;
  const grouped = one('grouped');

  all('.js').forEach((element) => { element.hidden = false; });

  function make(name, words, kind) {
    const element = document.createElement(name);
    if (words) element.textContent = words;
    if (kind) element.className = kind;
    return element;
  }
  function button(label, kind, name) {
    const made = make('button', label, kind);
    made.type = 'button';
    if (name) made.setAttribute('aria-label', name);
    return made;
  }
  // Buttons of findings are made when they can first be seen: a thousand lines have thousands of them.
  function equip(area) {
    area.querySelectorAll('.fingerprint').forEach((place) => {
      if (place.querySelector('button')) return;
      const fingerprint = place.querySelector('code').textContent;
      place.append(button('copy', 'copy', 'Copy the fingerprint ' + fingerprint));
      if (place.closest('.item')) place.append(button('copy as issue', 'copy-issue', 'Copy the finding ' + fingerprint + ' as an issue'));
    });
    const about = area.matches('.item') && area.querySelector('.inside > .about');
    if (about && !about.querySelector('button')) about.append(button('Copy as issue', 'copy-issue', ''));
  }
  document.addEventListener('toggle', (event) => { if (event.target.open) equip(event.target); }, true);
  all('.check').filter((check) => !check.closest('details')).forEach(equip);
  const squeezed = (text) => text.replace(/\s+/g, ' ').trim();

  // What is looked for and how lines are grouped: the controls hold it, and the address keeps it.
  const controls = {
    q: one('search'), verdict: one('by-verdict'), severity: one('by-severity'), section: one('by-section'),
    owner: one('by-owner'), group: one('group'),
  };
  if (one('by-change')) controls.change = one('by-change');
  const names = Object.keys(controls);
  const VIEW = '#view?';

  // A line's own words are read once, since a thousand lines on every key would be slow.
  const words = new Map();
  function text(item) {
    if (!words.has(item)) words.set(item, squeezed(item.textContent.toLowerCase()));
    return words.get(item);
  }

  // A line that belongs to several groups stands in the first and has twins, without ids, in the others.
  let twins = new Map();
  const copies = (item) => twins.get(item) || [];

  function filter() {
    const wanted = squeezed(controls.q.value.toLowerCase());
    const { verdict, severity, section, owner } = controls;
    const change = controls.change ? controls.change.value : '';
    let shown = 0;
    items.forEach((item, index) => {
      const fits = (!verdict.value || item.dataset.verdict === verdict.value)
        && (!severity.value || item.dataset.severity === severity.value)
        && (!section.value || homes[index].id === section.value)
        && (!change || (change === '*' ? item.dataset.change : item.dataset.change === change))
        && (!owner.value || item.dataset.owner === owner.value.slice(1))
        && (!wanted || text(item).includes(wanted));
      item.hidden = !fits;
      copies(item).forEach((twin) => { twin.hidden = !fits; });
      shown += fits ? 1 : 0;
    });
    all('.lines').forEach((lines) => {
      lines.hidden = !lines.querySelector('.item:not([hidden])');
      if (lines.parentElement === grouped) lines.querySelector('.summary').textContent = summed(lines);
    });
    const said = shown === items.length ? '' : shown + ' of ' + items.length + ' lines match';
    one('matches').textContent = said;
    one('narrowed').hidden = !said;
    one('narrowed').textContent = said && 'Only a part of the checklist is printed here: ' + said + ' ('
      + names.filter((name) => name !== 'group' && controls[name].value).map(spoken).join(', ') + ').';
  }
  function spoken(name) {
    const control = controls[name];
    return name === 'q' ? 'search ' + control.value : name + ' ' + control.selectedOptions[0].textContent;
  }

  function summed(lines) {
    const seen = Array.from(lines.querySelectorAll('.item:not([hidden])'));
    const parts = Array.from(controls.verdict.options).slice(1)
      .map((option) => [seen.filter((item) => item.dataset.verdict === option.value).length, option.textContent])
      .filter((part) => part[0])
      .map((part) => part[0] + ' ' + part[1].replace(/ \(\d+\)$/, ''));
    return parts.join(', ');
  }

  // Each line's groups under the chosen way of grouping.
  function groups(item, by) {
    if (by[0] !== '=') return [item.dataset[by]];
    return (item.dataset.references || '').split('\n').map((line) => line.split('='))
      .filter((pair) => pair[0] === by.slice(1)).map((pair) => pair.slice(1).join('='));
  }
  const natural = new Intl.Collator('en', { numeric: true });
  function order(by, found) {
    const control = controls[by];
    const rank = (name) => Array.from(control.options).findIndex((option) => option.value === name);
    return by === 'verdict' || by === 'severity' ? found.sort((a, b) => rank(a) - rank(b)) : found.sort(natural.compare);
  }
  function named(by, name) {
    if (by === 'verdict') return controls.verdict.querySelector('[value="' + name + '"]').textContent.replace(/ \(\d+\)$/, '');
    return name || (by === 'owner' ? 'Nobody' : 'No reference to ' + by.slice(1));
  }
  function twin(item) {
    const copy = item.cloneNode(true);
    copy.removeAttribute('id');
    copy.querySelectorAll('[id]').forEach((element) => element.removeAttribute('id'));
    twins.set(item, copies(item).concat(copy));
    return copy;
  }

  let grouping = '';
  function regroup() {
    const by = controls.group.value;
    if (by === grouping) return;
    grouping = by;
    twins = new Map();
    items.forEach((item, index) => homes[index].append(item));
    grouped.replaceChildren();
    if (!by) return;
    const members = new Map();
    items.forEach((item) => {
      const found = groups(item, by);
      (found.length ? found : ['']).forEach((name, index) => {
        if (!members.has(name)) members.set(name, []);
        members.get(name).push([item, index > 0]);
      });
    });
    const found = order(by, Array.from(members.keys()).filter((name) => name));
    found.concat(members.has('') ? [''] : []).forEach((name) => {
      const lines = make('section', '', 'lines');
      const head = make('header');
      const title = make('h3', named(by, name));
      lines.setAttribute('aria-label', title.textContent);
      head.append(title, make('p', '', 'summary'));
      lines.append(head);
      members.get(name).forEach(([item, again]) => { lines.append(again ? twin(item) : item); });
      grouped.append(lines);
    });
  }

  function address() {
    const kept = new URLSearchParams(names.filter((name) => controls[name].value).map((name) => [name, controls[name].value]));
    return kept.size ? VIEW + kept : '';
  }
  function update() {
    regroup();
    filter();
    // Some browsers refuse this for pages that are opened from a file; then only the address stays as it is.
    try { history.replaceState(null, '', address() || location.pathname + location.search); } catch (error) { /* stays */ }
  }
  function take(view) {
    const wanted = new URLSearchParams(view);
    names.forEach((name) => {
      controls[name].value = wanted.get(name) || '';
      if (controls[name].selectedIndex === -1) controls[name].value = '';
    });
    regroup();
    filter();
  }

  let waiting = 0;
  controls.q.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(update, 80); });
  names.slice(1).forEach((name) => controls[name].addEventListener('change', update));
  form.addEventListener('submit', (event) => { event.preventDefault(); update(); });
  form.addEventListener('reset', () => setTimeout(update));

  const lines = () => items.concat(...twins.values());
  function open(state) { lines().forEach((item) => { if (!item.hidden) item.open = state; }); }
  one('expand').addEventListener('click', () => open(true));
  one('collapse').addEventListener('click', () => open(false));

  function reveal() {
    if (location.hash.startsWith(VIEW)) {
      take(location.hash.slice(VIEW.length));
      form.scrollIntoView({ block: 'start', behavior: 'instant' });
      return;
    }
    let name = location.hash.slice(1);
    try { name = decodeURIComponent(name); } catch (error) { /* taken as it stands */ }
    const target = name && one(name);
    if (!target) return;
    if (target.closest('[hidden]') || homes.includes(target)) take(homes.includes(target) ? '' : 'group=' + controls.group.value);
    const line = target.closest('details');
    if (!line) return;
    for (let outer = line; outer; outer = outer.parentElement.closest('details')) outer.open = true;
    if (target === line) target.querySelector('summary').focus({ preventScroll: true });
    setTimeout(() => target.scrollIntoView({ block: 'start', behavior: 'instant' }));
  }
  window.addEventListener('hashchange', reveal);
  reveal();

  all('.legend a').forEach((link) => link.addEventListener('click', () => {
    controls.verdict.value = link.dataset.verdict;
    setTimeout(update);
  }));

  const theme = one('theme');
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  // Pages that are opened from a file may have no storage; the choice then lasts as long as the page.
  function remembered() { try { return localStorage.getItem('readycheck-theme'); } catch (error) { return null; } }
  function remember(name) { try { localStorage.setItem('readycheck-theme', name); } catch (error) { /* not kept */ } }
  function dark() { return root.dataset.theme ? root.dataset.theme === 'dark' : prefersDark.matches; }
  function label() { theme.setAttribute('aria-pressed', String(dark())); }
  const before = remembered();
  if (before === 'dark' || before === 'light') root.dataset.theme = before;
  theme.addEventListener('click', () => {
    root.dataset.theme = dark() ? 'light' : 'dark';
    remember(root.dataset.theme);
    label();
  });
  prefersDark.addEventListener('change', label);
  label();

  // An issue is Markdown that people paste where mentions notify and numbers link: audited text must do neither.
  const BREAK = '\u200b';
  const ENTITIES = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };
  function cut(found) { return /^[0-9a-z]/i.test(found) && found.length > 6 ? found.slice(0, 3) + BREAK + found.slice(3) : found + BREAK; }
  function plain(said) {
    return squeezed(said)
      .replace(/[\\`*_[\]<>|~$&]/g, (found) => ENTITIES[found] || '\\' + found)
      .replace(/@(?=\S)|#(?=\d)|\bgh-(?=\d)|:\/\/|\bwww(?=\.)|(?:mailto|xmpp)(?=:)|\b[0-9a-f]{7,64}\b|:(?=[\w+-]+:)/gi, cut)
      .replace(/^([-+#=])/, '\\$1').replace(/^(\d{1,9})(?=[.)](\s|$))/, '$1' + BREAK);
  }
  function fence(said, least) {
    const longest = Math.max(0, ...(said.match(/`+/g) || []).map((run) => run.length));
    return '`'.repeat(Math.max(least, longest + 1));
  }
  function code(said) {
    const line = squeezed(said) || ' ';
    const mark = fence(line, 1);
    const space = line[0] === '`' || line[line.length - 1] === '`' ? ' ' : '';
    return mark + space + line + space + mark;
  }
  function block(said, indent) {
    const mark = fence(said, 3);
    return [mark].concat(said.split('\n'), mark).map((line) => indent + line).join('\n');
  }
  const within = (element, selector) => { const found = element.querySelector(selector); return found ? found.textContent : ''; };
  function prose(element) {
    return Array.from(element.childNodes).map((node) => (node.nodeName === 'CODE' ? code(node.textContent)
      : node.nodeName === 'STRONG' ? '**' + plain(node.textContent) + '**'
        : node.nodeName === 'BUTTON' ? '' : ' ' + plain(node.textContent) + ' ')).join('').replace(/ +/g, ' ').trim();
  }
  function finding(element) {
    const place = within(element, '.place code');
    const excerpt = within(element, '.excerpt code');
    return '- **' + plain(within(element, '.message')) + '**' + (place ? ' in ' + code(place) : '')
      + ', fingerprint ' + code(within(element, '.fingerprint code')) + (excerpt ? '\n' + block(excerpt, '  ') : '');
  }
  function check(article, only) {
    const found = Array.from(article.querySelectorAll('.finding')).filter((element) => !only || element === only);
    const why = article.querySelector('.why');
    const fix = article.querySelector('.fix > p');
    const advice = within(article, '.fix pre code');
    const references = article.querySelector('.references');
    return [
      '### ' + plain(within(article, 'h4 > span')),
      code(within(article, '.facts code')) + ': ' + plain(within(article, '.outcome')) + '. ' + plain(within(article, '.examined')),
      found.map(finding).join('\n'),
      why && prose(why),
      fix && prose(fix),
      advice && block(advice, ''),
      references && plain(references.textContent),
    ].filter(Boolean).join('\n\n');
  }
  function issue(line, only) {
    const articles = Array.from(line.querySelectorAll('.check'));
    const wrong = articles.filter((article) => !/^(pass|not_applicable)$/.test(article.dataset.outcome));
    const chosen = only ? [only.closest('.check')] : wrong.length ? wrong : articles;
    const claim = within(line, '.claim .text');
    const facts = Array.from(line.querySelectorAll('.inside > .about > span')).map(prose);
    const said = only ? '' : within(line, '.claim .said').replace(/^\. /, '');
    return [
      '## ' + plain(claim) + ': ' + plain(only ? within(only, '.message') : within(line, '.is')),
      'The checklist line **' + plain(claim) + '** (' + plain(within(line, '.box .sr').replace(/:\s*$/, '')) + ', '
        + plain(line.dataset.severity) + (line.dataset.owner ? ', ' + plain(line.dataset.owner) : '') + ') is **'
        + plain(within(line, '.is')) + '**' + (said ? ': ' + plain(said) : '.'),
      facts.map((fact) => '- ' + fact).join('\n') + '\n- ' + plain('Found at ' + one('main').dataset.run),
    ].concat(chosen.map((article) => check(article, only))).join('\n\n') + '\n';
  }

  function hand(pressed, value, fallback) {
    const label = pressed.dataset.label || (pressed.dataset.label = pressed.firstChild.nodeValue);
    const say = (word) => {
      pressed.firstChild.nodeValue = word;
      setTimeout(() => { pressed.firstChild.nodeValue = label; }, 1600);
    };
    if (!navigator.clipboard) { say(fallback(value)); return; }
    navigator.clipboard.writeText(value).then(() => say('copied'), () => say(fallback(value)));
  }
  function present(value) {
    one('text-itself').value = value;
    one('text').showModal();
    one('text-itself').select();
    return 'shown';
  }
  function select(element) {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return 'selected';
  }
  document.addEventListener('click', (event) => {
    const pressed = event.target.closest('.copy, .copy-issue, #copy-view');
    if (!pressed) return;
    if (pressed.classList.contains('copy')) {
      const fingerprint = pressed.parentElement.querySelector('code');
      hand(pressed, fingerprint.textContent, () => select(fingerprint));
    } else if (pressed.id === 'copy-view') {
      hand(pressed, location.href.split('#')[0] + (address() || '#sections'), present);
    } else {
      const line = pressed.dataset.line ? one(pressed.dataset.line) : pressed.closest('.item');
      hand(pressed, issue(line, pressed.closest('.finding')), present);
    }
  });

  // Paper cannot be clicked: all that needs a look is open while it prints, and as it was afterwards.
  let closed = [];
  window.addEventListener('beforeprint', () => {
    closed = all('details:not([open], [data-verdict=verified], [data-verdict=not_applicable])');
    closed.forEach((element) => { element.open = true; });
  });
  window.addEventListener('afterprint', () => {
    closed.forEach((element) => { element.open = false; });
    closed = [];
  });
  one('print').addEventListener('click', () => window.print());
}());
